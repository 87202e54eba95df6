/// Every option and command of the program. Each command's table is laid out by the compiler, or made when it is used
/// first: a program that starts in less than a millisecond has no time for those of the others.
enum CommandTable {
    /// The options that stand before the command.
    static let global: [OptionSyntax] = [
        OptionSyntax("root", value: "DIR", "folder of the containers' state"),
        OptionSyntax(
            "log", value: "FILE", "also write the error to FILE, file:FILE, syslog:[NAME] or journald:[NAME]"),
        OptionSyntax("log-format", value: "text|json", "the form of the log"),
        OptionSyntax("log-level", value: "error|warning|debug", "what goes into the log"),
        OptionSyntax("debug", "as --log-level debug"),
        OptionSyntax("systemd-cgroup", "as --cgroup-manager systemd"),
        OptionSyntax("cgroup-manager", value: "cgroupfs|systemd|disabled", "who makes the control groups"),
        OptionSyntax(
            "rootless", value: "true|false|auto", "go without control groups that the caller may not make"),
        OptionSyntax("version", short: "v", "print the version"),
        OptionSyntax("help", short: "h", "print this help"),
    ]

    /// Understood by every command.
    static let help = [OptionSyntax("help", short: "h", "print this help")]

    private static let creation: [OptionSyntax] = [
        OptionSyntax("console-socket", value: "PATH", "UNIX socket that the terminal's master is sent to"),
        OptionSyntax("pidfd-socket", value: "PATH", "UNIX socket that a pidfd of the process is sent to"),
        OptionSyntax("pid-file", value: "FILE", "write the process id to FILE"),
        OptionSyntax("no-pivot", "move the root instead of pivot_root, for an initramfs"),
        OptionSyntax("no-new-keyring", "keep the caller's session keyring"),
        OptionSyntax("preserve-fds", value: "N", "pass N descriptors from 3 on to the process"),
        OptionSyntax("trace", value: "FILE", "write each step with its duration as Chrome trace events"),
        OptionSyntax("no-subreaper", "accepted", isIgnored: true),
    ]

    private static let bundle: [OptionSyntax] = [
        OptionSyntax("bundle", short: "b", value: "DIR", "the bundle's folder; the current one unless given"),
        OptionSyntax("config", short: "f", value: "FILE", "the config, when it is not the bundle's config.json"),
    ]

    private static let create = CommandSyntax(
        name: "create", summary: "create a container from a bundle; its process waits for start", operands: "ID",
        operandCount: 1...1, options: [bundle, creation])

    private static let start = CommandSyntax(
        name: "start", summary: "start the process of a created container", operands: "ID", operandCount: 1...1,
        options: [[OptionSyntax("trace", value: "FILE", "write each step with its duration as Chrome trace events")]])

    private static let run = CommandSyntax(
        name: "run", summary: "create and start a container, wait for its process, delete it", operands: "ID",
        operandCount: 1...1,
        options: [
            bundle, creation,
            [
                OptionSyntax("detach", short: "d", "do not wait for the process"),
                OptionSyntax("keep", "leave the container when its process has ended"),
            ],
        ])

    private static let exec = CommandSyntax(
        name: "exec", summary: "execute a program in a container that is there", operands: "ID [PROGRAM [ARGUMENT..]]",
        operandCount: 1...Int.max, stopsAtOperand: true,
        options: [
            [
                OptionSyntax("process", short: "p", value: "FILE", "the process, as config.json's; no PROGRAM then"),
                OptionSyntax("cwd", value: "DIR", "its working folder"),
                OptionSyntax("env", short: "e", value: "NAME=VALUE", "a variable more; again for others"),
                OptionSyntax("tty", short: "t", "give it a terminal"),
                OptionSyntax("user", short: "u", value: "UID[:GID]", "who it runs as"),
                OptionSyntax(
                    "additional-gids", short: "g", value: "GID", "a supplementary group more; again for others"),
                OptionSyntax("cap", short: "c", value: "CAP", "a capability more; again for others"),
                OptionSyntax("no-new-privs", "set no_new_privs"),
                OptionSyntax("apparmor", value: "PROFILE", "its AppArmor profile"),
                OptionSyntax("process-label", value: "LABEL", "its SELinux label"),
                OptionSyntax("cgroup", value: "[CONTROLLER:]PATH", "a group below the container's to run in"),
                OptionSyntax("ignore-paused", "join a paused container; the process waits until it is resumed"),
                OptionSyntax("detach", short: "d", "do not wait for the process"),
                OptionSyntax("console-socket", value: "PATH", "UNIX socket that the terminal's master is sent to"),
                OptionSyntax("pidfd-socket", value: "PATH", "UNIX socket that a pidfd of the process is sent to"),
                OptionSyntax("pid-file", value: "FILE", "write the process id to FILE"),
                OptionSyntax("preserve-fds", value: "N", "pass N descriptors from 3 on to the process"),
                OptionSyntax("no-subreaper", "accepted", isIgnored: true),
            ]
        ])

    private static let ps = CommandSyntax(
        name: "ps", summary: "list the processes of a container", operands: "ID [PS-ARGUMENT..]",
        operandCount: 1...Int.max, stopsAtOperand: true,
        options: [[OptionSyntax("format", short: "f", value: "table|json", "table is by the host's ps")]])

    private static let pause = CommandSyntax(
        name: "pause", summary: "stop all processes of a container where they are", operands: "ID",
        operandCount: 1...1, options: [])

    private static let resume = CommandSyntax(
        name: "resume", summary: "let a paused container go on", operands: "ID", operandCount: 1...1, options: [])

    private static let update = CommandSyntax(
        name: "update", summary: "set other limits for a container", operands: "ID", operandCount: 1...1,
        options: [
            [
                OptionSyntax(
                    "resources", short: "r", value: "FILE",
                    "the limits, as config.json's /linux/resources; - for standard input; other options count for nothing then"
                ),
                OptionSyntax("memory", value: "BYTES", "memory; -1 for no limit, also below"),
                OptionSyntax("memory-reservation", value: "BYTES", "memory that is left when it is short"),
                OptionSyntax("memory-swap", value: "BYTES", "memory and swap together"),
                OptionSyntax("cpu-share", value: "N", "weight of the CPU time, 2 to 262144"),
                OptionSyntax("cpu-period", value: "US", "period of the quota in microseconds"),
                OptionSyntax("cpu-quota", value: "US", "CPU time in a period in microseconds"),
                OptionSyntax("cpu-burst", value: "US", "CPU time saved up beyond the quota in microseconds"),
                OptionSyntax("cpu-rt-period", value: "US", "period of the real-time quota in microseconds"),
                OptionSyntax("cpu-rt-runtime", value: "US", "real-time CPU time in a period in microseconds"),
                OptionSyntax("cpu-idle", value: "N", "1 for SCHED_IDLE, 0 for none"),
                OptionSyntax("cpuset-cpus", value: "LIST", "CPUs to run on"),
                OptionSyntax("cpuset-mems", value: "LIST", "memory nodes to use"),
                OptionSyntax("l3-cache-schema", value: "L3:..", "cache of the container's class of service"),
                OptionSyntax("mem-bw-schema", value: "MB:..", "memory bandwidth of the container's class of service"),
                OptionSyntax("pids-limit", value: "N", "number of processes"),
                OptionSyntax("blkio-weight", value: "N", "weight of block I/O, 10 to 1000"),
                OptionSyntax("kernel-memory", value: "BYTES", "accepted", isIgnored: true),
                OptionSyntax("kernel-memory-tcp", value: "BYTES", "accepted", isIgnored: true),
            ]
        ])

    private static let events = CommandSyntax(
        name: "events", summary: "print what a container uses, and when it runs out of memory, as JSON lines",
        operands: "ID",
        operandCount: 1...1,
        options: [
            [
                OptionSyntax("stats", "print what it uses once"),
                OptionSyntax("interval", value: "TIME", "how long between two reports; 5s unless given"),
            ]
        ])

    private static let images: [OptionSyntax] = [
        OptionSyntax("image-path", value: "DIR", "folder of the files; checkpoint unless given"),
        OptionSyntax("work-path", value: "DIR", "folder of CRIU's log; that of the files unless given"),
        OptionSyntax("tcp-established", "with TCP connections that are open"),
        OptionSyntax("ext-unix-sk", "with UNIX sockets to the outside"),
        OptionSyntax("shell-job", "with a terminal that comes from the outside"),
        OptionSyntax("file-locks", "with locks on files"),
        OptionSyntax("lazy-pages", "move memory when it is used"),
        OptionSyntax("link-remap", "with files that have lost their names"),
        OptionSyntax(
            "manage-cgroups-mode", value: "soft|full|strict|ignore", "what becomes of the control groups' values"),
        OptionSyntax("empty-ns", value: "network", "leave what is in a namespace of this kind out"),
        OptionSyntax("auto-dedup", "drop memory from an image once a later one has it"),
    ]

    private static let checkpoint = CommandSyntax(
        name: "checkpoint", summary: "save a running container to files, by CRIU", operands: "ID",
        operandCount: 1...1,
        options: [
            images,
            [
                OptionSyntax("parent-path", value: "DIR", "folder of an earlier --pre-dump, from the image folder"),
                OptionSyntax("pre-dump", "save the memory alone; the container goes on"),
                OptionSyntax("leave-running", "let the container go on"),
                OptionSyntax("tcp-skip-in-flight", "without TCP connections that are not yet accepted"),
                OptionSyntax("status-fd", value: "N", "descriptor that CRIU tells on when lazy pages can be asked for"),
                OptionSyntax("page-server", value: "ADDRESS:PORT", "send memory to CRIU's page server there"),
            ],
        ])

    private static let restore = CommandSyntax(
        name: "restore", summary: "start a container from such files", operands: "ID",
        operandCount: 1...1,
        options: [
            [
                OptionSyntax("bundle", short: "b", value: "DIR", "the bundle's folder; the current one unless given"),
                OptionSyntax("detach", short: "d", "do not wait for the process"),
            ],
            images,
            [
                OptionSyntax("tcp-close", "close TCP connections that were open"),
                OptionSyntax("lsm-profile", value: "TYPE:NAME", "another AppArmor profile or SELinux label"),
                OptionSyntax("lsm-mount-context", value: "CONTEXT", "another SELinux label of the mounts"),
                OptionSyntax("console-socket", value: "PATH", "UNIX socket that the terminal's master is sent to"),
                OptionSyntax("pid-file", value: "FILE", "write the process id to FILE"),
                OptionSyntax("no-pivot", "accepted", isIgnored: true),
                OptionSyntax("no-subreaper", "accepted", isIgnored: true),
            ],
        ])

    private static let state = CommandSyntax(
        name: "state", summary: "print a container's state as JSON", operands: "ID", operandCount: 1...1, options: [])

    private static let kill = CommandSyntax(
        name: "kill", summary: "send a signal, TERM unless named, to a container's process", operands: "ID [SIGNAL]",
        operandCount: 1...2,
        options: [[OptionSyntax("all", short: "a", "send it to every process of the container")]])

    private static let delete = CommandSyntax(
        name: "delete", summary: "delete a container that is not running", operands: "ID", operandCount: 1...1,
        options: [[OptionSyntax("force", short: "f", "kill a running one first; a missing one is no error")]])

    private static let list = CommandSyntax(
        name: "list", summary: "list the containers", operands: "", operandCount: 0...0,
        options: [
            [
                OptionSyntax("format", short: "f", value: "table|json", "what is printed"),
                OptionSyntax("quiet", short: "q", "print the ids alone"),
            ]
        ])

    private static let plan = CommandSyntax(
        name: "plan", summary: "print what create would do, in order, without doing it", operands: "BUNDLE",
        operandCount: 0...1, options: [bundle, [OptionSyntax("format", value: "text|json", "what is printed")]])

    private static let spec = CommandSyntax(
        name: "spec", summary: "write a config.json to start from", operands: "", operandCount: 0...0,
        options: [
            [
                OptionSyntax("bundle", short: "b", value: "DIR", "the folder that it is written to"),
                OptionSyntax("rootless", "one for an ordinary user"),
            ]
        ])

    private static let features = CommandSyntax(
        name: "features", summary: "print what this runtime can do, as JSON", operands: "", operandCount: 0...0,
        options: [])

    /// The commands, in the order of the help text.
    static var commands: [CommandSyntax] {
        [
            create, start, run, exec, state, ps, kill, pause, resume, update, events, checkpoint, restore, delete, list,
            plan, spec, features,
        ]
    }

    /// The command of this name.
    static func command(_ name: String) -> CommandSyntax? {
        switch name {
        case "create": create
        case "start": start
        case "run": run
        case "exec": exec
        case "ps": ps
        case "pause": pause
        case "resume": resume
        case "update": update
        case "events": events
        case "checkpoint": checkpoint
        case "restore": restore
        case "state": state
        case "kill": kill
        case "delete": delete
        case "list": list
        case "plan": plan
        case "spec": spec
        case "features": features
        default: nil
        }
    }
}

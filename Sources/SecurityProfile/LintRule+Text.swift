extension LintRule {
    typealias Text = (title: String, reason: String, remedy: String)

    var text: Text {
        switch self {
        case .unreadableFilter, .emptyFilter, .unknownCallRefused, .unknownCall, .repeatedArgument, .contradiction,
            .shadowedRule, .redundantRule, .conditionNeverMet, .programCallRefused, .launcherCallRefused, .clone3Answer,
            .architectureMissing, .otherNameAllowed, .thirtyTwoBitHole, .highWord, .auditedFilter, .filterAbsent:
            filterText
        case .auditedProfile, .addedAndDropped, .unknownCapability, .capabilityCallsRefused, .inheritableCapability,
            .capabilityBeyondBaseline, .allCapabilities, .rootUser, .rootGroup, .newPrivileges, .appArmorAbsent:
            processText
        default: hostText
        }
    }

    private var filterText: Text {
        switch self {
        case .unreadableFilter:
            (
                "the seccomp section can't be read", "A runtime refuses the bundle, or passes over what it can't read.",
                "correct it as the message says"
            )
        case .emptyFilter:
            (
                "a seccomp filter that refuses nothing",
                "It looks like protection and is none: every call is allowed.",
                "name what to refuse, or apply a profile; to be without a filter on purpose, leave the section out"
            )
        case .unknownCallRefused:
            (
                "a refused syscall that doesn't exist",
                "Runtimes pass over a name that they don't know, so what was meant stays allowed.",
                "correct the name, or take it out"
            )
        case .unknownCall:
            (
                "a syscall that doesn't exist",
                "Runtimes pass over a name that they don't know, so what was meant stays as the default has it.",
                "correct the name, or take it out"
            )
        case .repeatedArgument:
            (
                "an argument stands twice in one rule",
                "It looks like \"and\", and runtimes take it for \"or\": the rule applies where either condition holds.",
                "write a rule for each condition, or one condition that says both"
            )
        case .contradiction:
            (
                "two rules say different things of the same call",
                "Which of them counts depends on the runtime and the version of libseccomp.",
                "keep the one that is meant"
            )
        case .shadowedRule:
            (
                "a rule that never counts, since another is for all arguments",
                "A rule without conditions makes those with conditions for the same call superfluous.",
                "take one of the two out"
            )
        case .redundantRule:
            (
                "a rule that says what holds anyway",
                "It repeats the default action or another rule; whoever reads the filter takes it for a decision.",
                "take it out"
            )
        case .conditionNeverMet:
            (
                "a condition that no argument meets", "The rule never applies.",
                "correct the condition: of SCMP_CMP_MASKED_EQ the value is the mask, and valueTwo lies within it"
            )
        case .programCallRefused:
            (
                "a call is refused that every program makes",
                "No program starts, runs and ends without it.",
                "allow it"
            )
        case .launcherCallRefused:
            (
                "a call is refused that a runtime makes before the program runs",
                "Without no_new_privs a runtime loads the filter before it drops ids and capabilities, and fails there.",
                "allow it, or set no_new_privs, so that the filter is loaded last"
            )
        case .clone3Answer:
            (
                "clone3 is refused with another answer than ENOSYS",
                "The C library tries clone3 for each thread and process and falls back to clone only at ENOSYS.",
                "answer clone3 with errnoRet 38 (ENOSYS)"
            )
        case .architectureMissing:
            (
                "the filter is for a 64-bit architecture without its 32-bit or x32 kin",
                "Such programs run on the same kernel, and a runtime's filter kills them at their first call.",
                "name the kin under architectures, if such programs are to run"
            )
        case .otherNameAllowed:
            (
                "what is refused can be reached by another call",
                "Several calls do the same; a filter that refuses only one of them refuses nothing.",
                "treat both alike"
            )
        case .thirtyTwoBitHole:
            (
                "what is refused can be reached by a 32-bit program",
                "32-bit architectures have calls of their own for the same thing, and their arguments have 32 bits.",
                "treat these calls alike, or leave the 32-bit architecture out"
            )
        case .highWord:
            (
                "a comparison that the upper half of the argument walks around",
                "The kernel takes 32 bits of this argument and the filter compares 64: with a bit set above them the call "
                    + "does the same and the condition fails.",
                "compare by SCMP_CMP_MASKED_EQ with mask 0xffffffff, or allow the wanted values one by one"
            )
        case .auditedFilter:
            (
                "calls are logged and not refused", "SCMP_ACT_LOG lets the call happen.",
                "enforce it, once the log shows nothing that is needed"
            )
        default:
            (
                "no seccomp filter", "Every syscall of the kernel can be reached.",
                "apply a profile with a filter: raind-profile apply deploy BUNDLE"
            )
        }
    }

    private var processText: Text {
        switch self {
        case .auditedProfile:
            (
                "the profile was applied for audit",
                "What it would refuse is logged and happens.", "apply it without --audit"
            )
        case .addedAndDropped:
            (
                "a capability is added and dropped", "The drop wins, so the addition says what isn't so.",
                "keep one of the two"
            )
        case .unknownCapability:
            (
                "a capability that doesn't exist",
                "A runtime refuses the bundle or passes over the name: nothing is granted by it.",
                "correct the name, or take it out"
            )
        case .capabilityCallsRefused:
            (
                "a capability whose calls the filter refuses",
                "The capability is granted, and what it is for can't be done.",
                "allow the calls, or drop the capability"
            )
        case .inheritableCapability:
            (
                "inheritable capabilities",
                "A program with inheritable file capabilities gets them in the hands of any user (CVE-2022-24769).",
                "leave the inheritable set empty but for what is ambient"
            )
        case .capabilityBeyondBaseline:
            (
                "capabilities beyond the default's 14",
                "Each of them reaches further into the host than programs in containers need.",
                "drop them; keep one for which there is a reason"
            )
        case .allCapabilities:
            (
                "all capabilities",
                "It is a privileged container: root inside is root on the host but for its view.",
                "grant what is needed by name"
            )
        case .rootUser:
            (
                "the process runs as root of the host",
                "Whatever lets it out of the container lets it out as root.",
                "set process.user.uid to another user, or use a user namespace"
            )
        case .rootGroup:
            (
                "group 0 with another user",
                "Files of group root stay open to a process that isn't meant to be root.",
                "set process.user.gid and additionalGids to groups of the user's own"
            )
        case .newPrivileges:
            (
                "no_new_privs isn't set",
                "A set-user-ID program or one with file capabilities gives the process more than it started with.",
                "set process.noNewPrivileges: true"
            )
        default:
            (
                "no AppArmor profile", "Files and traces are confined by nothing but capabilities and mounts.",
                "apply a profile that names one, where the host has AppArmor"
            )
        }
    }

    private var hostText: Text {
        switch self {
        case .writableRoot:
            (
                "the root file system is writable", "What gets in can stay, and can change the programs that run.",
                "set root.readonly: true, and mount a tmpfs where something is written"
            )
        case .hostRootMounted:
            (
                "the host's root is mounted", "Every file of the host is in the container.",
                "mount the folder that is needed"
            )
        case .engineSocketMounted:
            (
                "an engine's socket is mounted", "Who can speak to the engine can start a privileged container.",
                "take it out, or put a proxy between that refuses to create containers"
            )
        case .hostFolderMounted:
            (
                "a folder of the host's system is mounted",
                "It holds what runs the host, or what tells of it.",
                "mount the one file that is needed, read-only"
            )
        case .sharedPropagation:
            (
                "mounts are shared with the host", "What is mounted inside appears on the host.",
                "use rprivate or rslave"
            )
        case .pathUnmasked:
            (
                "a path of /proc or /sys is not masked", "It tells of the host, or of other containers.",
                "list it under linux.maskedPaths"
            )
        case .pathWritable:
            (
                "a path of /proc is writable", "Writing there changes the host's kernel.",
                "list it under linux.readonlyPaths"
            )
        case .secondProc:
            (
                "a proc file system besides /proc", "The masks are for /proc; beside it the same paths are open.",
                "mount proc at /proc alone"
            )
        case .hostPIDNamespace:
            (
                "the host's processes are visible",
                "They can be seen, and those of the same user signalled and traced.",
                "add a namespace of type pid"
            )
        case .hostIPCNamespace:
            (
                "the host's IPC is shared", "Shared memory and queues of the host's programs are open.",
                "add a namespace of type ipc"
            )
        case .hostNetworkNamespace:
            (
                "the host's network is shared",
                "All its interfaces, local services and abstract sockets can be reached.",
                "add a namespace of type network"
            )
        case .hostUTSNamespace:
            (
                "the host's name is shared", "With CAP_SYS_ADMIN the container renames the host.",
                "add a namespace of type uts"
            )
        case .allDevices:
            (
                "every device may be used", "With CAP_MKNOD the host's disks can be read and written.",
                "refuse all devices and allow those that are needed"
            )
        case .memoryUnlimited:
            (
                "no limit of memory", "The container can take all of the host's.",
                "set linux.resources.memory.limit"
            )
        default:
            (
                "no limit of processes", "The container can take all process ids of the host.",
                "set linux.resources.pids.limit"
            )
        }
    }
}

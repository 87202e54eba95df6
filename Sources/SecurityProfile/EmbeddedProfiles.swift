// Generated from profiles/ by scripts/generate-profiles: change the files there and run it again.

/// The files of `profiles/`, so that the program works when it is copied alone.
enum EmbeddedProfiles {
    /// The built-in profiles in the order in which they are listed.
    static let names = [
        "default", "dev", "deploy", "restricted", "privileged", "unconfined", "hardened",
    ]

    /// The manifest of a built-in profile, as JSON.
    static func manifest(_ name: String) -> String? {
        switch name {
        case "default":
            #"""
            \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": "default", \#
            \#n "description": "Standard execution"}, \#n "spec": \#n {"add-cap": \#n ["CAP_CHOWN", \#n \#
            "CAP_DAC_OVERRIDE", \#n "CAP_FSETID", \#n "CAP_FOWNER", \#n "CAP_MKNOD", \#n "CAP_NET_RAW", \#n \#
            "CAP_SETGID", \#n "CAP_SETUID", \#n "CAP_SETFCAP", \#n "CAP_SETPCAP", \#n "CAP_NET_BIND_SERVICE", \#n \#
            "CAP_SYS_CHROOT", \#n "CAP_KILL", \#n "CAP_AUDIT_WRITE"], \#n "noNewPrivileges": false, \#n "seccomp": \#n \#
            {"mode": "replace", \#n "file": "seccomp/deny-list.yaml"}, \#n "apparmor": \#n {"profile": "raind-default", \#
            \#n "mode": "enforce"}}}
            """#
        case "dev":
            #"""
            \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": "dev", \#n \#
            "description": "Development; the same as default today"}, \#n "spec": \#n {"extends": "default"}}
            """#
        case "deploy":
            #"""
            \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": "deploy", \#n \#
            "description": "Application deployment"}, \#n "spec": \#n {"extends": "default", \#n "drop-cap": \#n \#
            ["CAP_NET_RAW", \#n "CAP_MKNOD"], \#n "noNewPrivileges": true}}
            """#
        case "restricted":
            #"""
            \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": "restricted", \#
            \#n "description": "Stronger restriction, without any capability"}, \#n "spec": \#n {"extends": "deploy", \#
            \#n "drop-cap": ["ALL"]}}
            """#
        case "privileged":
            #"""
            \#n \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": \#
            "privileged", \#n "description": "Workloads that need broad privileges"}, \#n "spec": \#n {"add-cap": \#
            ["ALL"], \#n "noNewPrivileges": false, \#n "seccomp": "unconfined", \#n "apparmor": "unconfined"}}
            """#
        case "unconfined":
            #"""
            \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": "unconfined", \#
            \#n "description": "Default capabilities without confinement"}, \#n "spec": \#n {"extends": "default", \#n \#
            "seccomp": "unconfined", \#n "apparmor": "unconfined"}}
            """#
        case "hardened":
            #"""
            \#n \#n {"apiVersion": "raind.io/v1", \#n "kind": "SecurityProfile", \#n "metadata": \#n {"name": \#
            "hardened", \#n "description": "Deny by default, for services that need nothing special"}, \#n "spec": \#n \#
            {"extends": "restricted", \#n "seccomp": \#n {"mode": "replace", \#n "file": "seccomp/hardened.yaml"}}}
            """#
        default: nil
        }
    }

    /// A seccomp list by the path that manifests give it, as JSON.
    static func seccompList(_ name: String) -> String? {
        switch name {
        case "seccomp/deny-list.yaml":
            #"""
            \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n {"defaultAction": "SCMP_ACT_ALLOW", \#n \#
            "architectures": "auto", \#n "syscalls": \#n \#n \#n \#n [\#
            {"comment": "Read, write and control other processes. pidfd_getfd takes their open files, process_madvise \#
            pages out their memory, kcmp tells kernel addresses apart. Promised - ptrace, process_vm_readv, \#
            process_vm_writev, kcmp.", \#n \#n "names": ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", \#
            "process_vm_writev", "ptrace"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "excludes": \#
            {"caps": ["CAP_SYS_PTRACE"]}}, \#
            \#n \#n {"comment": "Page faults handled in user space hold the kernel still at a chosen instruction, which \#
            turns races in it into certainties. Promised.", \#n \#n "names": ["userfaultfd"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}, \#
            \#n \#n \#n \#n {"comment": "Mounts, by the old calls and by the new ones. umount uncovers what a masked \#
            path hides; pivot_root moves the root. Promised - mount.", \#n \#n "names": \#n ["mount", \#n "umount", \#n \#
            "umount2", \#n "pivot_root", \#n "fsopen", \#n "fsconfig", \#n "fsmount", \#n "fspick", \#n "move_mount", \#
            \#n "open_tree", \#n "open_tree_attr", \#n "mount_setattr"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n \#n {"comment": "New and joined namespaces. A user namespace of its own gives a process every \#
            capability inside it, and with them the parts of the kernel that only root was meant to reach. Promised - \#
            unshare, setns.", \#n \#n "names": ["setns", "unshare"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": \#
            "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n \#n \#n \#n {"comment": "clone with CLONE_NEWNS", \#n "names": ["clone"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 131072, "valueTwo": 131072, \#
            "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWCGROUP", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 33554432, "valueTwo": 33554432, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWUTS", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 67108864, "valueTwo": 67108864, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWIPC", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 134217728, "valueTwo": 134217728, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWUSER", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 268435456, "valueTwo": 268435456, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWPID", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 536870912, "valueTwo": 536870912, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n {"comment": "clone with CLONE_NEWNET", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "args": [{"index": 0, "value": 1073741824, "valueTwo": 1073741824, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}}, \#
            \#n \#n \#n {"comment": "clone with CLONE_NEWNS, s390", \#n "names": ["clone"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 131072, "valueTwo": 131072, \#
            "op": "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWCGROUP, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 33554432, "valueTwo": 33554432, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWUTS, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 67108864, "valueTwo": 67108864, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWIPC, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 134217728, "valueTwo": 134217728, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWUSER, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 268435456, "valueTwo": 268435456, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWPID, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 536870912, "valueTwo": 536870912, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "clone with CLONE_NEWNET, s390", \#n "names": ["clone"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": 1073741824, "valueTwo": 1073741824, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n \#n {"comment": "clone3 takes its flags from memory, which a filter can't read. ENOSYS makes the C \#
            libraries fall back to clone; EPERM would make them fail to start a thread.", \#n \#n "names": ["clone3"], \#
            \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "ENOSYS", \#n "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n \#n \#n \#n {"comment": "Opens a file by a handle that can be guessed, anywhere on its file system, \#
            whatever the root is. Promised.", \#n "names": ["open_by_handle_at"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_DAC_READ_SEARCH"]}}, \#
            \#n \#n {"comment": "Makes such handles. Promised.", \#n "names": ["name_to_handle_at"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}, \#
            \#n \#n \#n \#n {"comment": "Programs in the kernel. Promised.", \#n "names": ["bpf"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}}, \#
            \#n \#n {"comment": "Performance counters and tracing, of the host's processes too. Promised.", \#n \#
            "names": ["perf_event_open"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "excludes": \#
            {"caps": ["CAP_SYS_ADMIN", "CAP_PERFMON"]}}, \#
            \#n \#n {"comment": "Kernel modules. Promised.", \#n "names": ["delete_module", "finit_module", \#
            "init_module"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "excludes": {"caps": \#
            ["CAP_SYS_MODULE"]}}, \#
            \#n \#n {"comment": "Another kernel in place of the running one. Promised - kexec_load.", \#n "names": \#
            ["kexec_file_load", "kexec_load"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}, \#
            \#n \#n {"comment": "Restarts the machine, or in a pid namespace of its own kills the container's init. \#
            Promised.", \#n "names": ["reboot"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n \#
            "excludes": {"caps": ["CAP_SYS_BOOT"]}}, \#
            \#n \#n {"comment": "The host's swap. Promised.", \#n "names": ["swapoff", "swapon"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}]}
            """#
        case "seccomp/hardened.yaml":
            #"""
            \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#
            \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#n \#
            {"defaultAction": "SCMP_ACT_ERRNO", \#n "defaultErrnoRet": "ENOSYS", \#n "architectures": "auto", \#n \#
            "syscalls": \#n \#n \#n \#n [\#
            {"comment": "Processes and threads", \#n "names": \#n ["capget", \#n "capset", \#n "execve", \#n \#
            "execveat", \#n "exit", \#n "exit_group", \#n "fork", \#n "get_robust_list", \#n "get_thread_area", \#n \#
            "getcpu", \#n "getpgid", \#n "getpgrp", \#n "getpid", \#n "getppid", \#n "getsid", \#n "gettid", \#n \#
            "kill", \#n "landlock_add_rule", \#n "landlock_create_ruleset", \#n "landlock_restrict_self", \#n \#
            "pidfd_open", \#n "pidfd_send_signal", \#n "prctl", \#n "rseq", \#n "seccomp", \#n "set_robust_list", \#n \#
            "set_thread_area", \#n "set_tid_address", \#n "setpgid", \#n "setsid", \#n "tgkill", \#n "times", \#n \#
            "tkill", \#n "umask", \#n "uname", \#n "vfork", \#n "wait4", \#n "waitid", \#n "waitpid"], \#n "action": \#
            "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Users and groups. Without capabilities a process can only change between ids that it \#
            has.", \#n "names": \#n ["getegid", \#n "getegid32", \#n "geteuid", \#n "geteuid32", \#n "getgid", \#n \#
            "getgid32", \#n "getgroups", \#n "getgroups32", \#n "getresgid", \#n "getresgid32", \#n "getresuid", \#n \#
            "getresuid32", \#n "getuid", \#n "getuid32", \#n "setfsgid", \#n "setfsgid32", \#n "setfsuid", \#n \#
            "setfsuid32", \#n "setgid", \#n "setgid32", \#n "setgroups", \#n "setgroups32", \#n "setregid", \#n \#
            "setregid32", \#n "setresgid", \#n "setresgid32", \#n "setresuid", \#n "setresuid32", \#n "setreuid", \#n \#
            "setreuid32", \#n "setuid", \#n "setuid32"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Limits and scheduling", \#n "names": \#n ["getpriority", \#n "getrlimit", \#n \#
            "getrusage", \#n "ioprio_get", \#n "ioprio_set", \#n "prlimit64", \#n "sched_get_priority_max", \#n \#
            "sched_get_priority_min", \#n "sched_getaffinity", \#n "sched_getattr", \#n "sched_getparam", \#n \#
            "sched_getscheduler", \#n "sched_rr_get_interval", \#n "sched_rr_get_interval_time64", \#n \#
            "sched_setaffinity", \#n "sched_setattr", \#n "sched_setparam", \#n "sched_setscheduler", \#n \#
            "sched_yield", \#n "setpriority", \#n "setrlimit", \#n "sysinfo", \#n "ugetrlimit"], \#n "action": \#
            "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Memory", \#n "names": \#n ["brk", \#n "madvise", \#n "map_shadow_stack", \#n \#
            "membarrier", \#n "memfd_create", \#n "mincore", \#n "mlock", \#n "mlock2", \#n "mlockall", \#n "mmap", \#n \#
            "mmap2", \#n "mprotect", \#n "mremap", \#n "mseal", \#n "msync", \#n "munlock", \#n "munlockall", \#n \#
            "munmap", \#n "pkey_alloc", \#n "pkey_free", \#n "pkey_mprotect"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Signals. The kernel itself makes processes call restart_syscall, rt_sigreturn, \#
            sigreturn and uretprobe.", \#n "names": \#n ["alarm", \#n "pause", \#n "restart_syscall", \#n \#
            "rt_sigaction", \#n "rt_sigpending", \#n "rt_sigprocmask", \#n "rt_sigqueueinfo", \#n "rt_sigreturn", \#n \#
            "rt_sigsuspend", \#n "rt_sigtimedwait", \#n "rt_sigtimedwait_time64", \#n "rt_tgsigqueueinfo", \#n \#
            "sigaltstack", \#n "signalfd", \#n "signalfd4", \#n "sigprocmask", \#n "sigreturn", \#n "uretprobe"], \#n \#
            "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Time. Reading clocks and waiting; no clock is set.", \#n "names": \#n ["clock_getres", \#
            \#n "clock_getres_time64", \#n "clock_gettime", \#n "clock_gettime64", \#n "clock_nanosleep", \#n \#
            "clock_nanosleep_time64", \#n "getitimer", \#n "gettimeofday", \#n "nanosleep", \#n "setitimer", \#n \#
            "time", \#n "timer_create", \#n "timer_delete", \#n "timer_getoverrun", \#n "timer_gettime", \#n \#
            "timer_gettime64", \#n "timer_settime", \#n "timer_settime64", \#n "timerfd_create", \#n "timerfd_gettime", \#
            \#n "timerfd_gettime64", \#n "timerfd_settime", \#n "timerfd_settime64"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#
            \#n \#n {"comment": "Futexes and the waiting of threads", \#n "names": ["futex", "futex_requeue", \#
            "futex_time64", "futex_wait", "futex_waitv", "futex_wake"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Opening, closing and copying descriptors", \#n "names": \#n ["close", \#n \#
            "close_range", \#n "creat", \#n "dup", \#n "dup2", \#n "dup3", \#n "fcntl", \#n "fcntl64", \#n "flock", \#n \#
            "ioctl", \#n "open", \#n "openat", \#n "openat2", \#n "pipe", \#n "pipe2"], \#n "action": \#
            "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Reading and writing", \#n "names": \#n ["copy_file_range", \#n "fadvise64", \#n \#
            "fadvise64_64", \#n "fallocate", \#n "fdatasync", \#n "fsync", \#n "ftruncate", \#n "ftruncate64", \#n \#
            "_llseek", \#n "lseek", \#n "pread64", \#n "preadv", \#n "preadv2", \#n "pwrite64", \#n "pwritev", \#n \#
            "pwritev2", \#n "read", \#n "readahead", \#n "readv", \#n "sendfile", \#n "sendfile64", \#n "splice", \#n \#
            "sync_file_range", \#n "syncfs", \#n "tee", \#n "truncate", \#n "truncate64", \#n "write", \#n "writev"], \#
            \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Asynchronous files, the older interface (databases, nginx with `aio`)", \#n "names": \#
            ["io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_setup", \#
            "io_submit"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Folders and names", \#n "names": \#n ["access", \#n "chdir", \#n "faccessat", \#n \#
            "faccessat2", \#n "fchdir", \#n "getcwd", \#n "getdents", \#n "getdents64", \#n "link", \#n "linkat", \#n \#
            "mkdir", \#n "mkdirat", \#n "readlink", \#n "readlinkat", \#n "rename", \#n "renameat", \#n "renameat2", \#
            \#n "rmdir", \#n "symlink", \#n "symlinkat", \#n "unlink", \#n "unlinkat"], \#n "action": \#
            "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "What files are", \#n "names": \#n ["fstat", \#n "fstat64", \#n "fstatat64", \#n \#
            "fstatfs", \#n "fstatfs64", \#n "lstat", \#n "lstat64", \#n "newfstatat", \#n "stat", \#n "stat64", \#n \#
            "statfs", \#n "statfs64", \#n "statx"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Mode, owner, times and extended attributes", \#n "names": \#n ["chmod", \#n "chown", \#
            \#n "chown32", \#n "fchmod", \#n "fchmodat", \#n "fchmodat2", \#n "fchown", \#n "fchown32", \#n "fchownat", \#
            \#n "fgetxattr", \#n "flistxattr", \#n "fremovexattr", \#n "fsetxattr", \#n "futimesat", \#n "getxattr", \#
            \#n "getxattrat", \#n "lchown", \#n "lchown32", \#n "lgetxattr", \#n "listxattr", \#n "listxattrat", \#n \#
            "llistxattr", \#n "lremovexattr", \#n "lsetxattr", \#n "removexattr", \#n "removexattrat", \#n "setxattr", \#
            \#n "setxattrat", \#n "utime", \#n "utimensat", \#n "utimensat_time64", \#n "utimes"], \#n "action": \#
            "SCMP_ACT_ALLOW"}, \#
            \#n \#n \#n {"comment": "mkfifo", \#n "names": ["mknod"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": \#
            [{"index": 1, "value": 61440, "valueTwo": 4096, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": \#
            ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A plain file, by its type", \#n "names": ["mknod"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 1, "value": 61440, "valueTwo": 32768, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": \#
            {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A plain file, without a type", \#n "names": ["mknod"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 1, "value": 61440, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": \#
            ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A socket", \#n "names": ["mknod"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": [{"index": \#
            1, "value": 61440, "valueTwo": 49152, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": \#
            ["CAP_MKNOD"]}}, \#
            \#n {"comment": "mkfifo and mkfifoat", \#n "names": ["mknodat"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 2, "value": 61440, "valueTwo": 4096, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": \#
            {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A plain file, by its type", \#n "names": ["mknodat"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 2, "value": 61440, "valueTwo": 32768, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": \#
            {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A plain file, without a type", \#n "names": ["mknodat"], \#n "action": "SCMP_ACT_ALLOW", \#
            \#n "args": [{"index": 2, "value": 61440, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": \#
            {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A socket", \#n "names": ["mknodat"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": \#
            [{"index": 2, "value": 61440, "valueTwo": 49152, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": \#
            ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A character device, with the kernel's own answer to who lacks the right", \#n "names": \#
            ["mknod"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": \#
            61440, "valueTwo": 8192, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A block device, with the kernel's own answer to who lacks the right", \#n "names": \#
            ["mknod"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 1, "value": \#
            61440, "valueTwo": 24576, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A character device, with the kernel's own answer to who lacks the right", \#n "names": \#
            ["mknodat"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 2, "value": \#
            61440, "valueTwo": 8192, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_MKNOD"]}}, \#
            \#n {"comment": "A block device, with the kernel's own answer to who lacks the right", \#n "names": \#
            ["mknodat"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "args": [{"index": 2, "value": \#
            61440, "valueTwo": 24576, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_MKNOD"]}}, \#
            \#n \#n {"comment": "Waiting for descriptors", \#n "names": \#n ["epoll_create", \#n "epoll_create1", \#n \#
            "epoll_ctl", \#n "epoll_pwait", \#n "epoll_pwait2", \#n "epoll_wait", \#n "eventfd", \#n "eventfd2", \#n \#
            "inotify_add_watch", \#n "inotify_init", \#n "inotify_init1", \#n "inotify_rm_watch", \#n "_newselect", \#n \#
            "poll", \#n "ppoll", \#n "ppoll_time64", \#n "pselect6", \#n "pselect6_time64", \#n "select"], \#n \#
            "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Network", \#n "names": \#n ["accept", \#n "accept4", \#n "bind", \#n "connect", \#n \#
            "getpeername", \#n "getsockname", \#n "getsockopt", \#n "listen", \#n "recv", \#n "recvfrom", \#n \#
            "recvmmsg", \#n "recvmmsg_time64", \#n "recvmsg", \#n "send", \#n "sendmmsg", \#n "sendmsg", \#n "sendto", \#
            \#n "setsockopt", \#n "shutdown"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n {"comment": "AF_UNIX", \#n "names": ["socket", "socketpair"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}, \#
            \#n {"comment": "AF_INET", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": [{"index": \#
            0, "value": 2, "op": "SCMP_CMP_EQ"}]}, \#
            \#n {"comment": "AF_INET6", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": [{"index": \#
            0, "value": 10, "op": "SCMP_CMP_EQ"}]}, \#
            \#n {"comment": "AF_NETLINK with NETLINK_ROUTE", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#
            \#n "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 0, "op": \#
            "SCMP_CMP_EQ"}], \#n "excludes": {"caps": ["CAP_NET_ADMIN"]}}, \#
            \#n \#n {"comment": "System V and POSIX queues, semaphores and shared memory, inside the container's own \#
            IPC namespace", \#n "names": \#n ["ipc", \#n "mq_getsetattr", \#n "mq_notify", \#n "mq_open", \#n \#
            "mq_timedreceive", \#n "mq_timedreceive_time64", \#n "mq_timedsend", \#n "mq_timedsend_time64", \#n \#
            "mq_unlink", \#n "msgctl", \#n "msgget", \#n "msgrcv", \#n "msgsnd", \#n "semctl", \#n "semget", \#n \#
            "semop", \#n "semtimedop", \#n "semtimedop_time64", \#n "shmat", \#n "shmctl", \#n "shmdt", \#n "shmget"], \#
            \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "Random numbers", \#n "names": ["getrandom"], \#n "action": "SCMP_ACT_ALLOW"}, \#
            \#n \#n {"comment": "The plain personality", \#n "names": ["personality"], \#n "action": "SCMP_ACT_ALLOW", \#
            \#n "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]}, \#
            \#n {"comment": "Asks for the personality", \#n "names": ["personality"], \#n "action": "SCMP_ACT_ALLOW", \#
            \#n "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}, \#
            \#n \#n {"comment": "Processes and threads by clone, without a namespace flag (0x7E020000 are all seven)", \#
            \#n "names": ["clone"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": [{"index": 0, "value": 2114060288, \#
            "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], \#n "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", \#
            "s390x"]}}, \#
            \#n {"comment": "The same on s390, where the flags are the second argument", \#n "names": ["clone"], \#n \#
            "action": "SCMP_ACT_ALLOW", \#n "args": [{"index": 1, "value": 2114060288, "valueTwo": 0, "op": \#
            "SCMP_CMP_MASKED_EQ"}], \#n "includes": {"arches": ["s390", "s390x"]}, \#n "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}}, \#
            \#n \#n \#n \#n {"comment": "Thread-local storage", \#n "names": ["arch_prctl"], \#n "action": \#
            "SCMP_ACT_ALLOW", \#n "includes": {"arches": ["amd64", "x32"]}}, \#
            \#n {"comment": "Thread-local storage, code caches, and calls whose arguments are ordered otherwise", \#n \#
            "names": ["arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls", \#
            "sync_file_range2"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"arches": ["arm", "arm64"]}}, \#
            \#n {"comment": "A call whose arguments are ordered otherwise", \#n "names": ["sync_file_range2"], \#n \#
            "action": "SCMP_ACT_ALLOW", \#n "includes": {"arches": ["ppc64le"]}}, \#
            \#n {"comment": "Code caches, and what the processor can do", \#n "names": ["riscv_flush_icache", \#
            "riscv_hwprobe"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"arches": ["riscv64"]}}, \#
            \#n \#n \#n \#n {"names": ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", \#
            "process_vm_writev", "ptrace"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_SYS_PTRACE"]}}, \#
            \#n {"names": \#n ["bpf", \#n "clone", \#n "clone3", \#n "fanotify_init", \#n "fanotify_mark", \#n \#
            "fsconfig", \#n "fsmount", \#n "fsopen", \#n "fspick", \#n "mount", \#n "mount_setattr", \#n "move_mount", \#
            \#n "open_tree", \#n "perf_event_open", \#n "quotactl", \#n "quotactl_fd", \#n "setdomainname", \#n \#
            "sethostname", \#n "setns", \#n "syslog", \#n "umount", \#n "umount2", \#n "unshare"], \#n "action": \#
            "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n {"names": ["open_by_handle_at"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_DAC_READ_SEARCH"]}}, \#
            \#n {"names": ["chroot"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_CHROOT"]}}, \#
            \#n {"names": ["mknod", "mknodat"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_MKNOD"]}}, \#
            \#n {"names": ["reboot"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_BOOT"]}}, \#
            \#n {"names": ["delete_module", "finit_module", "init_module"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "includes": {"caps": ["CAP_SYS_MODULE"]}}, \#
            \#n {"names": ["acct"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_PACCT"]}}, \#
            \#n {"names": ["ioperm", "iopl"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_SYS_RAWIO"]}}, \#
            \#n {"names": ["adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", \#
            "settimeofday", "stime"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_TIME"]}}, \#
            \#n {"names": ["vhangup"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_SYS_TTY_CONFIG"]}}, \#
            \#n {"names": ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"], \#n "action": \#
            "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYS_NICE"]}}, \#
            \#n {"names": ["syslog"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_SYSLOG"]}, \#n \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n {"names": ["bpf"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": ["CAP_BPF"]}, \#n \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n {"names": ["perf_event_open"], \#n "action": "SCMP_ACT_ALLOW", \#n "includes": {"caps": \#
            ["CAP_PERFMON"]}, \#n "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "AF_PACKET", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#n "args": \#
            [{"index": 0, "value": 17, "op": "SCMP_CMP_EQ"}], \#n "includes": {"caps": ["CAP_NET_RAW"]}}, \#
            \#n {"comment": "AF_NETLINK, every protocol", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#n \#
            "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}], \#n "includes": {"caps": ["CAP_NET_ADMIN"]}}, \#
            \#n {"comment": "AF_NETLINK with NETLINK_AUDIT", \#n "names": ["socket"], \#n "action": "SCMP_ACT_ALLOW", \#
            \#n "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": \#
            "SCMP_CMP_EQ"}], \#n "includes": {"caps": ["CAP_AUDIT_WRITE"]}, \#n "excludes": {"caps": \#
            ["CAP_NET_ADMIN"]}}, \#
            \#n \#n \#n \#n {"comment": "Other processes", \#n "names": ["kcmp", "pidfd_getfd", "process_madvise", \#
            "process_vm_readv", "process_vm_writev", "ptrace"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": \#
            "EPERM", \#n "excludes": {"caps": ["CAP_SYS_PTRACE"]}}, \#
            \#n {"comment": "Mounts, namespaces, quotas and names of the machine", \#n "names": \#n ["fanotify_init", \#
            \#n "fsconfig", \#n "fsmount", \#n "fsopen", \#n "fspick", \#n "mount", \#n "mount_setattr", \#n \#
            "move_mount", \#n "open_tree", \#n "quotactl", \#n "quotactl_fd", \#n "setdomainname", \#n "sethostname", \#
            \#n "setns", \#n "umount", \#n "umount2", \#n "unshare"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": \#
            "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN"]}}, \#
            \#n {"comment": "Mounts, whatever the capabilities", \#n "names": ["open_tree_attr", "pivot_root"], \#n \#
            "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}, \#
            \#n {"comment": "File handles", \#n "names": ["name_to_handle_at"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM"}, \#
            \#n {"comment": "File handles", \#n "names": ["open_by_handle_at"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_DAC_READ_SEARCH"]}}, \#
            \#n {"comment": "Sockets, 32-bit, hidden behind a pointer", \#n "names": ["socketcall"], \#n "action": \#
            "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}, \#
            \#n {"comment": "Another root", \#n "names": ["chroot"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": \#
            "EPERM", \#n "excludes": {"caps": ["CAP_SYS_CHROOT"]}}, \#
            \#n {"comment": "Programs in the kernel", \#n "names": ["bpf"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}}, \#
            \#n {"comment": "Tracing", \#n "names": ["perf_event_open"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_PERFMON"]}}, \#
            \#n {"comment": "The kernel's log", \#n "names": ["syslog"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYSLOG"]}}, \#
            \#n {"comment": "Kernel modules", \#n "names": ["delete_module", "finit_module", "init_module"], \#n \#
            "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_MODULE"]}}, \#
            \#n {"comment": "Restart", \#n "names": ["reboot"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": \#
            "EPERM", \#n "excludes": {"caps": ["CAP_SYS_BOOT"]}}, \#
            \#n {"comment": "Process accounting", \#n "names": ["acct"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_PACCT"]}}, \#
            \#n {"comment": "Ports of the hardware", \#n "names": ["ioperm", "iopl"], \#n "action": "SCMP_ACT_ERRNO", \#
            \#n "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_RAWIO"]}}, \#
            \#n {"comment": "Clocks", \#n "names": ["adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", \#
            "clock_settime64", "settimeofday", "stime"], \#n "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM", \#n \#
            "excludes": {"caps": ["CAP_SYS_TIME"]}}, \#
            \#n {"comment": "The terminal of others", \#n "names": ["vhangup"], \#n "action": "SCMP_ACT_ERRNO", \#n \#
            "errnoRet": "EPERM", \#n "excludes": {"caps": ["CAP_SYS_TTY_CONFIG"]}}, \#
            \#n {"comment": "Kernels, swap, page faults in user space, keyrings, io_uring", \#n "names": \#n \#
            ["add_key", \#n "io_uring_enter", \#n "io_uring_register", \#n "io_uring_setup", \#n "kexec_file_load", \#n \#
            "kexec_load", \#n "keyctl", \#n "request_key", \#n "swapoff", \#n "swapon", \#n "userfaultfd"], \#n \#
            "action": "SCMP_ACT_ERRNO", \#n "errnoRet": "EPERM"}]}
            """#
        default: nil
        }
    }

    /// An AppArmor profile by its name, as text.
    static func appArmorProfile(_ name: String) -> String? {
        switch name {
        case "raind-default":
            #"""
            # raind-default: the AppArmor profile of default, dev, deploy, restricted and hardened.
            #
            # `raind-profile apparmor load default` loads it; a bundle names it in process.apparmorProfile. It includes \#
            no other file,
            # so that it can be copied and loaded alone:
            #
            #   apparmor_parser --replace --write-cache raind-default
            #
            # Who may do what is decided three times: by capabilities, by seccomp, and here, where names of files and \#
            processes are
            # known. Each layer holds when another one is lifted. What this one adds to the others:
            #
            #   - the kernel's settings and triggers below /proc and /sys can't be written, whatever is mounted there \#
            and how
            #   - no mount, no unmount, no other root, also with CAP_SYS_ADMIN. But where AppArmor doesn't decide on \#
            move_mount(2) (a
            #     kernel that does has features/mount/move_mount in /sys/kernel/security/apparmor; Linux 6.1 is none) \#
            who has that
            #     capability, and by it passes the seccomp filter, mounts by that call
            #   - no signal to, and no look into, a process outside the profile, also when the pid namespace is the \#
            host's
            #   - no packet sockets
            #
            # Capabilities themselves are not narrowed here: a bundle's own sets do that, and a second list would only \#
            disagree.

            profile raind-default flags=(attach_disconnected,mediate_deleted) {
              # Files: all of them, less what is denied below. A denial wins over a permission wherever it stands.
              file,
              capability,
              network,

              # --- Network ---

              # Packet sockets read what neighbours on the same bridge send and forge what they receive. Raw IP sockets \#
            stay: ping
              # needs them, and CAP_NET_RAW decides.
              deny network packet,

              # --- Mounts ---

              # An unmount uncovers what the runtime masked.
              deny mount,
              deny remount,
              deny umount,
              deny pivot_root,

              # --- Other processes ---

              # Among themselves the container's processes may do everything: init systems, debuggers, strace. The \#
            longer form is the
              # label of a container with no_new_privs whose runtime is confined itself: this profile stacked on the \#
            runtime's.
              signal (send, receive) peer="{,**//&}raind-default{,//&**}",
              ptrace (trace, read, tracedby, readby) peer="{,**//&}raind-default{,//&**}",

              # From outside come the signals of kill and stop, and an exec that reads which namespaces it has to join. \#
            Newer
              # distributions confine the runtimes and engines under these names.
              signal (receive) peer=unconfined,
              signal (receive) peer={raind-oci,runc,crun,conmon,podman,dockerd,containerd,containerd-shim-runc-v2},
              signal (receive) \#
            peer={/usr/bin,/usr/sbin,/usr/local/bin,/usr/local/sbin}/{raind-oci,runc,crun,podman,dockerd},
              ptrace (readby) peer={raind-oci,runc,crun,conmon,podman,dockerd,containerd,containerd-shim-runc-v2},
              ptrace (readby) \#
            peer={/usr/bin,/usr/sbin,/usr/local/bin,/usr/local/sbin}/{raind-oci,runc,crun,podman,dockerd},

              # --- /proc ---

              # Everything that isn't a process's own folder begins with no digit: sys, sysrq-trigger, irq, bus, acpi, \#
            scsi, fs, mtrr,
              # key-users ... Nothing there is a container's to write, nor to link from.
              deny /proc/[^0-9]** wl,

              # The host's memory, keys, log and processes.
              deny /proc/{kcore,kmsg,keys,key-users,sysrq-trigger,timer_list,timer_stats,sched_debug,latency_stats} \#
            rwklx,
              deny /proc/{kpagecount,kpageflags,kpagecgroup,mem,kmem,interrupts} wklx,
              deny /proc/{acpi,scsi,asound}/** rwklx,

              # --- /sys ---

              # Nothing but control groups, which a runtime may delegate to the container. Written letter by letter, \#
            because a denial
              # can't be taken back for a part of what it covers.
              deny /sys/[^f]** wlx,
              deny /sys/f[^s]** wlx,
              deny /sys/fs/[^c]** wlx,
              deny /sys/fs/c[^g]** wlx,
              deny /sys/fs/cg[^r]** wlx,

              # What tells of the machine or of the host's other work.
              deny /sys/firmware/** rwklx,
              deny /sys/kernel/{security,debug,tracing}/** rwklx,
              deny /sys/devices/virtual/powercap/** rwklx,

              # The programs that a control group starts on release run on the host.
              deny /sys/fs/cgroup/**/release_agent wklx,
              deny /sys/fs/cgroup/release_agent wklx,

              # --- Devices that are the machine ---

              deny /dev/{mem,kmem,port} rwklx,
            }
            """#
        default: nil
        }
    }
}

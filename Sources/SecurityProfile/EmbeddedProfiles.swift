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
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "default", "description": \#
            "Standard execution"}, "spec": {"add-cap": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", \#
            "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", \#
            "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"], "noNewPrivileges": false, \#
            "seccomp": {"mode": "replace", "file": "seccomp/deny-list.yaml"}, "apparmor": {"profile": "raind-default", \#
            "mode": "enforce"}}}
            """#
        case "dev":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "dev", "description": \#
            "Development; the same as default today"}, "spec": {"extends": "default"}}
            """#
        case "deploy":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "deploy", "description": \#
            "Application deployment"}, "spec": {"extends": "default", "drop-cap": ["CAP_NET_RAW", "CAP_MKNOD"], \#
            "noNewPrivileges": true}}
            """#
        case "restricted":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "restricted", "description": \#
            "Stronger restriction, without any capability"}, "spec": {"extends": "deploy", "drop-cap": ["ALL"]}}
            """#
        case "privileged":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "privileged", "description": \#
            "Workloads that need broad privileges"}, "spec": {"add-cap": ["ALL"], "noNewPrivileges": false, "seccomp": \#
            "unconfined", "apparmor": "unconfined"}}
            """#
        case "unconfined":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "unconfined", "description": \#
            "Default capabilities without confinement"}, "spec": {"extends": "default", "seccomp": "unconfined", \#
            "apparmor": "unconfined"}}
            """#
        case "hardened":
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "hardened", "description": \#
            "Deny by default, for services that need nothing special"}, "spec": {"extends": "restricted", "seccomp": \#
            {"mode": "replace", "file": "seccomp/hardened.yaml"}}}
            """#
        default: nil
        }
    }

    /// A seccomp list by the path that manifests give it, as JSON.
    static func seccompList(_ name: String) -> String? {
        switch name {
        case "seccomp/deny-list.yaml":
            #"""
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": "auto", "syscalls": [
            {"comment": "Read, write and control other processes. pidfd_getfd takes their open files, process_madvise \#
            pages out their memory, kcmp tells kernel addresses apart. Promised - ptrace, process_vm_readv, \#
            process_vm_writev, kcmp.", "names": ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", \#
            "process_vm_writev", "ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": \#
            ["CAP_SYS_PTRACE"]}},
            {"comment": "Page faults handled in user space hold the kernel still at a chosen instruction, which turns \#
            races in it into certainties. Promised.", "names": ["userfaultfd"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM"},
            {"comment": "Mounts, by the old calls and by the new ones. umount uncovers what a masked path hides; \#
            pivot_root moves the root. Promised - mount.", "names": ["mount", "umount", "umount2", "pivot_root", \#
            "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree", "open_tree_attr", "mount_setattr"], \#
            "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "New and joined namespaces. A user namespace of its own gives a process every capability inside \#
            it, and with them the parts of the kernel that only root was meant to reach. Promised - unshare, setns.", \#
            "names": ["setns", "unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWNS", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "args": [{"index": 0, "value": 131072, "valueTwo": 131072, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": \#
            {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWCGROUP", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 0, "value": 33554432, "valueTwo": 33554432, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWUTS", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "args": [{"index": 0, "value": 67108864, "valueTwo": 67108864, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": \#
            {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWIPC", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "args": [{"index": 0, "value": 134217728, "valueTwo": 134217728, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": \#
            {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWUSER", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 0, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWPID", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "args": [{"index": 0, "value": 536870912, "valueTwo": 536870912, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": \#
            {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWNET", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "args": [{"index": 0, "value": 1073741824, "valueTwo": 1073741824, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "clone with CLONE_NEWNS, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 131072, "valueTwo": 131072, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWCGROUP, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 33554432, "valueTwo": 33554432, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWUTS, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 67108864, "valueTwo": 67108864, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWIPC, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 134217728, "valueTwo": 134217728, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWUSER, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWPID, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 536870912, "valueTwo": 536870912, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone with CLONE_NEWNET, s390", "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "args": [{"index": 1, "value": 1073741824, "valueTwo": 1073741824, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "clone3 takes its flags from memory, which a filter can't read. ENOSYS makes the C libraries \#
            fall back to clone; EPERM would make them fail to start a thread.", "names": ["clone3"], "action": \#
            "SCMP_ACT_ERRNO", "errnoRet": "ENOSYS", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "Opens a file by a handle that can be guessed, anywhere on its file system, whatever the root \#
            is. Promised.", "names": ["open_by_handle_at"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_DAC_READ_SEARCH"]}},
            {"comment": "Makes such handles. Promised.", "names": ["name_to_handle_at"], "action": "SCMP_ACT_ERRNO", \#
            "errnoRet": "EPERM"},
            {"comment": "Programs in the kernel. Promised.", "names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
            {"comment": "Performance counters and tracing, of the host's processes too. Promised.", "names": \#
            ["perf_event_open"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": \#
            ["CAP_SYS_ADMIN", "CAP_PERFMON"]}},
            {"comment": "Kernel modules. Promised.", "names": ["delete_module", "finit_module", "init_module"], \#
            "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": ["CAP_SYS_MODULE"]}},
            {"comment": "Another kernel in place of the running one. Promised - kexec_load.", "names": \#
            ["kexec_file_load", "kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM"},
            {"comment": "Restarts the machine, or in a pid namespace of its own kills the container's init. Promised.", \#
            "names": ["reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": \#
            ["CAP_SYS_BOOT"]}},
            {"comment": "The host's swap. Promised.", "names": ["swapoff", "swapon"], "action": "SCMP_ACT_ERRNO", \#
            "errnoRet": "EPERM"}
            ]}
            """#
        case "seccomp/hardened.yaml":
            #"""
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": "ENOSYS", "architectures": "auto", "syscalls": [
            {"comment": "Processes and threads", "names": ["capget", "capset", "execve", "execveat", "exit", \#
            "exit_group", "fork", "get_robust_list", "get_thread_area", "getcpu", "getpgid", "getpgrp", "getpid", \#
            "getppid", "getsid", "gettid", "kill", "landlock_add_rule", "landlock_create_ruleset", \#
            "landlock_restrict_self", "pidfd_open", "pidfd_send_signal", "prctl", "rseq", "seccomp", "set_robust_list", \#
            "set_thread_area", "set_tid_address", "setpgid", "setsid", "tgkill", "times", "tkill", "umask", "uname", \#
            "vfork", "wait4", "waitid", "waitpid"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Users and groups. Without capabilities a process can only change between ids that it has.", \#
            "names": ["getegid", "getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32", \#
            "getresgid", "getresgid32", "getresuid", "getresuid32", "getuid", "getuid32", "setfsgid", "setfsgid32", \#
            "setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32", "setregid", "setregid32", \#
            "setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid", "setreuid32", "setuid", "setuid32"], \#
            "action": "SCMP_ACT_ALLOW"},
            {"comment": "Limits and scheduling", "names": ["getpriority", "getrlimit", "getrusage", "ioprio_get", \#
            "ioprio_set", "prlimit64", "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", \#
            "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", \#
            "sched_rr_get_interval_time64", "sched_setaffinity", "sched_setattr", "sched_setparam", \#
            "sched_setscheduler", "sched_yield", "setpriority", "setrlimit", "sysinfo", "ugetrlimit"], "action": \#
            "SCMP_ACT_ALLOW"},
            {"comment": "Memory", "names": ["brk", "madvise", "map_shadow_stack", "membarrier", "memfd_create", \#
            "mincore", "mlock", "mlock2", "mlockall", "mmap", "mmap2", "mprotect", "mremap", "mseal", "msync", \#
            "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Signals. The kernel itself makes processes call restart_syscall, rt_sigreturn, sigreturn and \#
            uretprobe.", "names": ["alarm", "pause", "restart_syscall", "rt_sigaction", "rt_sigpending", \#
            "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", \#
            "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sigaltstack", "signalfd", "signalfd4", "sigprocmask", \#
            "sigreturn", "uretprobe"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Time. Reading clocks and waiting; no clock is set.", "names": ["clock_getres", \#
            "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64", \#
            "getitimer", "gettimeofday", "nanosleep", "setitimer", "time", "timer_create", "timer_delete", \#
            "timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64", \#
            "timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64"], \#
            "action": "SCMP_ACT_ALLOW"},
            {"comment": "Futexes and the waiting of threads", "names": ["futex", "futex_requeue", "futex_time64", \#
            "futex_wait", "futex_waitv", "futex_wake"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Opening, closing and copying descriptors", "names": ["close", "close_range", "creat", "dup", \#
            "dup2", "dup3", "fcntl", "fcntl64", "flock", "ioctl", "open", "openat", "openat2", "pipe", "pipe2"], \#
            "action": "SCMP_ACT_ALLOW"},
            {"comment": "Reading and writing", "names": ["copy_file_range", "fadvise64", "fadvise64_64", "fallocate", \#
            "fdatasync", "fsync", "ftruncate", "ftruncate64", "_llseek", "lseek", "pread64", "preadv", "preadv2", \#
            "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readv", "sendfile", "sendfile64", "splice", \#
            "sync_file_range", "syncfs", "tee", "truncate", "truncate64", "write", "writev"], "action": \#
            "SCMP_ACT_ALLOW"},
            {"comment": "Asynchronous files, the older interface (databases, nginx with `aio`)", "names": ["io_cancel", \#
            "io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_setup", "io_submit"], "action": \#
            "SCMP_ACT_ALLOW"},
            {"comment": "Folders and names", "names": ["access", "chdir", "faccessat", "faccessat2", "fchdir", \#
            "getcwd", "getdents", "getdents64", "link", "linkat", "mkdir", "mkdirat", "readlink", "readlinkat", \#
            "rename", "renameat", "renameat2", "rmdir", "symlink", "symlinkat", "unlink", "unlinkat"], "action": \#
            "SCMP_ACT_ALLOW"},
            {"comment": "What files are", "names": ["fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64", "lstat", \#
            "lstat64", "newfstatat", "stat", "stat64", "statfs", "statfs64", "statx"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Mode, owner, times and extended attributes", "names": ["chmod", "chown", "chown32", "fchmod", \#
            "fchmodat", "fchmodat2", "fchown", "fchown32", "fchownat", "fgetxattr", "flistxattr", "fremovexattr", \#
            "fsetxattr", "futimesat", "getxattr", "getxattrat", "lchown", "lchown32", "lgetxattr", "listxattr", \#
            "listxattrat", "llistxattr", "lremovexattr", "lsetxattr", "removexattr", "removexattrat", "setxattr", \#
            "setxattrat", "utime", "utimensat", "utimensat_time64", "utimes"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "mkfifo", "names": ["mknod"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 61440, \#
            "valueTwo": 4096, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A plain file, by its type", "names": ["mknod"], "action": "SCMP_ACT_ALLOW", "args": [{"index": \#
            1, "value": 61440, "valueTwo": 32768, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A plain file, without a type", "names": ["mknod"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 1, "value": 61440, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": \#
            ["CAP_MKNOD"]}},
            {"comment": "A socket", "names": ["mknod"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": \#
            61440, "valueTwo": 49152, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "mkfifo and mkfifoat", "names": ["mknodat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, \#
            "value": 61440, "valueTwo": 4096, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A plain file, by its type", "names": ["mknodat"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 2, "value": 61440, "valueTwo": 32768, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": \#
            ["CAP_MKNOD"]}},
            {"comment": "A plain file, without a type", "names": ["mknodat"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 2, "value": 61440, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": \#
            ["CAP_MKNOD"]}},
            {"comment": "A socket", "names": ["mknodat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": \#
            61440, "valueTwo": 49152, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A character device, with the kernel's own answer to who lacks the right", "names": ["mknod"], \#
            "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "args": [{"index": 1, "value": 61440, "valueTwo": 8192, \#
            "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A block device, with the kernel's own answer to who lacks the right", "names": ["mknod"], \#
            "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "args": [{"index": 1, "value": 61440, "valueTwo": 24576, \#
            "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A character device, with the kernel's own answer to who lacks the right", "names": \#
            ["mknodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "args": [{"index": 2, "value": 61440, \#
            "valueTwo": 8192, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "A block device, with the kernel's own answer to who lacks the right", "names": ["mknodat"], \#
            "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "args": [{"index": 2, "value": 61440, "valueTwo": 24576, \#
            "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_MKNOD"]}},
            {"comment": "Waiting for descriptors", "names": ["epoll_create", "epoll_create1", "epoll_ctl", \#
            "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "inotify_add_watch", "inotify_init", \#
            "inotify_init1", "inotify_rm_watch", "_newselect", "poll", "ppoll", "ppoll_time64", "pselect6", \#
            "pselect6_time64", "select"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Network", "names": ["accept", "accept4", "bind", "connect", "getpeername", "getsockname", \#
            "getsockopt", "listen", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg", \#
            "sendmsg", "sendto", "setsockopt", "shutdown"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "AF_UNIX", "names": ["socket", "socketpair"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, \#
            "value": 1, "op": "SCMP_CMP_EQ"}]},
            {"comment": "AF_INET", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, \#
            "op": "SCMP_CMP_EQ"}]},
            {"comment": "AF_INET6", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 10, \#
            "op": "SCMP_CMP_EQ"}]},
            {"comment": "AF_NETLINK with NETLINK_ROUTE", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 0, "op": "SCMP_CMP_EQ"}], \#
            "excludes": {"caps": ["CAP_NET_ADMIN"]}},
            {"comment": "System V and POSIX queues, semaphores and shared memory, inside the container's own IPC \#
            namespace", "names": ["ipc", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", \#
            "mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64", "mq_unlink", "msgctl", "msgget", "msgrcv", \#
            "msgsnd", "semctl", "semget", "semop", "semtimedop", "semtimedop_time64", "shmat", "shmctl", "shmdt", \#
            "shmget"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "Random numbers", "names": ["getrandom"], "action": "SCMP_ACT_ALLOW"},
            {"comment": "The plain personality", "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
            {"comment": "Asks for the personality", "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]},
            {"comment": "Processes and threads by clone, without a namespace flag (0x7E020000 are all seven)", "names": \#
            ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": \#
            "SCMP_CMP_MASKED_EQ"}], "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"comment": "The same on s390, where the flags are the second argument", "names": ["clone"], "action": \#
            "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], \#
            "includes": {"arches": ["s390", "s390x"]}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "Thread-local storage", "names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": \#
            {"arches": ["amd64", "x32"]}},
            {"comment": "Thread-local storage, code caches, and calls whose arguments are ordered otherwise", "names": \#
            ["arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls", "sync_file_range2"], \#
            "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm", "arm64"]}},
            {"comment": "A call whose arguments are ordered otherwise", "names": ["sync_file_range2"], "action": \#
            "SCMP_ACT_ALLOW", "includes": {"arches": ["ppc64le"]}},
            {"comment": "Code caches, and what the processor can do", "names": ["riscv_flush_icache", "riscv_hwprobe"], \#
            "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["riscv64"]}},
            {"names": ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"], \#
            "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_PTRACE"]}},
            {"names": ["bpf", "clone", "clone3", "fanotify_init", "fanotify_mark", "fsconfig", "fsmount", "fsopen", \#
            "fspick", "mount", "mount_setattr", "move_mount", "open_tree", "perf_event_open", "quotactl", \#
            "quotactl_fd", "setdomainname", "sethostname", "setns", "syslog", "umount", "umount2", "unshare"], \#
            "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["open_by_handle_at"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_DAC_READ_SEARCH"]}},
            {"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT"]}},
            {"names": ["mknod", "mknodat"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_MKNOD"]}},
            {"names": ["reboot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_BOOT"]}},
            {"names": ["delete_module", "finit_module", "init_module"], "action": "SCMP_ACT_ALLOW", "includes": \#
            {"caps": ["CAP_SYS_MODULE"]}},
            {"names": ["acct"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_PACCT"]}},
            {"names": ["ioperm", "iopl"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_RAWIO"]}},
            {"names": ["adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", \#
            "settimeofday", "stime"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_TIME"]}},
            {"names": ["vhangup"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_TTY_CONFIG"]}},
            {"names": ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"], "action": \#
            "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_NICE"]}},
            {"names": ["syslog"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYSLOG"]}, "excludes": \#
            {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}, "excludes": {"caps": \#
            ["CAP_SYS_ADMIN"]}},
            {"names": ["perf_event_open"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_PERFMON"]}, \#
            "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "AF_PACKET", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": \#
            17, "op": "SCMP_CMP_EQ"}], "includes": {"caps": ["CAP_NET_RAW"]}},
            {"comment": "AF_NETLINK, every protocol", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}], "includes": {"caps": ["CAP_NET_ADMIN"]}},
            {"comment": "AF_NETLINK with NETLINK_AUDIT", "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": \#
            [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}], \#
            "includes": {"caps": ["CAP_AUDIT_WRITE"]}, "excludes": {"caps": ["CAP_NET_ADMIN"]}},
            {"comment": "Other processes", "names": ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", \#
            "process_vm_writev", "ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": \#
            ["CAP_SYS_PTRACE"]}},
            {"comment": "Mounts, namespaces, quotas and names of the machine", "names": ["fanotify_init", "fsconfig", \#
            "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree", "quotactl", \#
            "quotactl_fd", "setdomainname", "sethostname", "setns", "umount", "umount2", "unshare"], "action": \#
            "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"comment": "Mounts, whatever the capabilities", "names": ["open_tree_attr", "pivot_root"], "action": \#
            "SCMP_ACT_ERRNO", "errnoRet": "EPERM"},
            {"comment": "File handles", "names": ["name_to_handle_at"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM"},
            {"comment": "File handles", "names": ["open_by_handle_at"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "excludes": {"caps": ["CAP_DAC_READ_SEARCH"]}},
            {"comment": "Sockets, 32-bit, hidden behind a pointer", "names": ["socketcall"], "action": \#
            "SCMP_ACT_ERRNO", "errnoRet": "EPERM"},
            {"comment": "Another root", "names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_SYS_CHROOT"]}},
            {"comment": "Programs in the kernel", "names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
            {"comment": "Tracing", "names": ["perf_event_open"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_PERFMON"]}},
            {"comment": "The kernel's log", "names": ["syslog"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYSLOG"]}},
            {"comment": "Kernel modules", "names": ["delete_module", "finit_module", "init_module"], "action": \#
            "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": {"caps": ["CAP_SYS_MODULE"]}},
            {"comment": "Restart", "names": ["reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": \#
            {"caps": ["CAP_SYS_BOOT"]}},
            {"comment": "Process accounting", "names": ["acct"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", \#
            "excludes": {"caps": ["CAP_SYS_PACCT"]}},
            {"comment": "Ports of the hardware", "names": ["ioperm", "iopl"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "excludes": {"caps": ["CAP_SYS_RAWIO"]}},
            {"comment": "Clocks", "names": ["adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", \#
            "clock_settime64", "settimeofday", "stime"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "excludes": \#
            {"caps": ["CAP_SYS_TIME"]}},
            {"comment": "The terminal of others", "names": ["vhangup"], "action": "SCMP_ACT_ERRNO", "errnoRet": \#
            "EPERM", "excludes": {"caps": ["CAP_SYS_TTY_CONFIG"]}},
            {"comment": "Kernels, swap, page faults in user space, keyrings, io_uring", "names": ["add_key", \#
            "io_uring_enter", "io_uring_register", "io_uring_setup", "kexec_file_load", "kexec_load", "keyctl", \#
            "request_key", "swapoff", "swapon", "userfaultfd"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM"}
            ]}
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
            #   - no mount, no unmount, no other root, also with CAP_SYS_ADMIN
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

              # Among themselves the container's processes may do everything: init systems, debuggers, strace.
              signal (send, receive) peer=raind-default,
              ptrace (trace, read, tracedby, readby) peer=raind-default,

              # From outside come the signals of kill and stop. Newer distributions confine the runtimes and engines \#
            under these names.
              signal (receive) peer=unconfined,
              signal (receive) peer={raind-oci,runc,crun,conmon,podman,dockerd,containerd,containerd-shim-runc-v2},
              signal (receive) \#
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

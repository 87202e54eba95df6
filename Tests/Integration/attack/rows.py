"""The rows of scripts/attack's table: key to what is tried. A case names its row, or several, by `row=`."""

ROWS = {
    # --- Holes that other runtimes had ---
    "CVE-2016-9962": "look into the runtime's processes, their memory and descriptors, while they join and before start",
    "CVE-2019-5736": "overwrite the runtime's program through /proc/PID/exe, /proc/self/exe as program and interpreter",
    "CVE-2019-16884, 2019-19921, 2023-27561, 2023-28642, 2025-54867":
        "mount over /proc, or have links and volumes there, so that labels and settings are written to files of the image's",
    "CVE-2019-18837, 2021-30465": "exchange a folder of a volume for a link, while things are mounted in it",
    "CVE-2021-43784": "more id mappings than an encoding, or the kernel, has room for",
    "CVE-2022-24769, 2022-27650, 2022-29162":
        "capabilities that come back through the inheritable set, for create and exec",
    "CVE-2022-0492, CVE-2023-25809": "write to control groups of the host's, as root and rootless; a release agent",
    "CVE-2024-21626, CVE-2025-27612":
        "a descriptor as working folder or program of create and exec; sets of exec that aren't asked for",
    "CVE-2024-45310": "have folders and files made on the host, by a race in a volume that is shared",
    "CVE-2025-31133, 2025-62161":
        "another file as /dev/null, with which paths are masked; also exchanged while masks are mounted",
    "CVE-2025-52565": "another file as console or terminal; also exchanged while the console is mounted",
    "CVE-2025-52881, 2025-62596": "turn writes to /proc elsewhere: labels, sysctl, oom_score_adj; also by a race",
    "masked path resolved twice": "exchange what a masked or read-only path leads to between clone and mount (youki, 2026)",
    "CVE-2026-30892": "user ids that are none, in config.json and for exec --user: root's in the end?",
    "CVE-2026-41579, 2026-47766": "/dev a link: device nodes and links made, ptmx removed, on the host",
    # --- More that must hold ---
    "masks without pivot_root": "mount a procfs without masks where the root was moved and not pivoted",
    "seccomp that can't be had":
        "actions, flags, names, architectures and errnos that can't be: an error, not a filter with less",
    "calls newer than the filter": "a call that the filter's author can't have known: ENOSYS where the default refuses",
    "container ids": "ids with slashes, dots, NUL, newlines, and too long ones",
    "capabilities that are absent": "no capabilities in config.json: none, not the launcher's",
    "supplementary groups": "the launcher's groups in the container; groups where setgroups(2) is denied",
    "grants that can't be given": "capabilities that the kernel, or the caller, doesn't have: fewer, told, and started",
    "image and config at large": "links, FIFOs, devices and endless files where a program, a device or a copy is looked for",
    # --- What is handed to the runtime, and by whom ---
    "bundles": "bundles that are made to break what reads them: other files, very many, very long, numbers and names that can't be",
    "container's processes": "what processes of a container do to exec, kill and delete, and to what is bound into it",
    "callers": "callers that have closed, limited, ignored or used up what a program expects to have; signals at any moment",
    "state on disk": "state that is damaged, exchanged, somebody else's: no signal, no removal, beyond the container's own",
    "state, pid file": "files that are written for the caller: whose they are, and links in their place",
    # --- Many at once ---
    "concurrency":
        "callers that all work on the same containers, some of them killed: an answer that no order of the calls explains",
    "load": "many containers alive at once, and one after the other: what gets slower, and what stays",
}


def keys_of(case):
    """The rows of a case: its `row` is a key, or a tuple of them."""
    if case.row is None:
        return ()
    return (case.row,) if isinstance(case.row, str) else tuple(case.row)

"""Below real podman: exit statuses and texts when something is wrong."""

from harness import case, cases, contains, equal, fails, succeeds
from harness.podman import CONFIGURATION, Podman


@cases("podman", [("missing", "/nosuch", 127), ("missing-in-path", "nosuch", 127), ("not-executable", "/etc/passwd", 126),
                  ("a-folder", "/bin", 126)])
def podman_without_a_program(t, program, expected):
    """Podman reads the runtime's text to tell the user which of both it was."""
    with Podman(t) as podman:
        result = podman.run(program)
        equal(result.status, expected, result.err)
        contains(result.err, program)
        equal(podman.inspect(podman.names[-1], "{{.State.Status}}"), "created")


@cases("podman", [("json", CONFIGURATION, "create"),
                  ("plain", CONFIGURATION.replace("runtime_supports_json", "#"), "raind-oci: create")])
def podman_error_texts(t, configuration, expected):
    """Where podman is told that the runtime writes JSON, it shows the message; else the line as it was said."""
    with Podman(t, configuration=configuration) as podman:
        result = fails(podman.run("/nosuch"), "/nosuch", 127)
        contains(result.err, "no such file or directory: OCI runtime attempted to invoke a command that was not found")
        if t.runtime.is_raind:
            contains(result.err, f"Error: {t.runtime.path}: {expected} ")
        result = fails(podman.run("/bin/true", flags=["--memory", "1k"]), status=126)
        contains(result.err, f"OCI runtime error: {t.runtime.path}: ")


@case("podman")
def podman_wrong_use(t):
    """What podman says before any runtime is asked, so that it is plain whose the errors above are."""
    with Podman(t) as podman:
        fails(podman.call("run", "--nosuch"), "unknown flag", 125)
        fails(podman.call("start", podman.prefix + "-other"), "no such container", 125)
        fails(podman.run("/bin/true", flags=["--workdir", "/nosuch"]), "does not exist", 126)
        fails(podman.run("/bin/true", flags=["--stop-signal", "4711"]), "", 125)


@cases("podman", [("interpreter", "#!/nosuch/interpreter\n", 127), ("format", "no program\n", 126)],
       differs_in={"run": "runc 1.1.5 finds out when podman has called it started: the container says it, and ends with 1"})
def podman_scripts_that_do_not_start(t, text, expected):
    with Podman(t) as podman:
        podman.bundle.write("script", text, 0o755)
        result = podman.run("/script")
        contains(result.err, "/script")
        if t.runtime.is_raind:
            equal(result.status, expected, result.err)


@case("podman")
def podman_names_are_taken(t):
    with Podman(t) as podman:
        name = podman.up()
        fails(podman.call("run", "--name", name, "--network", "none", "--rootfs", podman.rootfs, "/bin/true"),
              "already in use", 125)
        fails(podman.call("rm", name), "", 2)
        fails(podman.call("start", "--attach", podman.prefix + "-other"), "", 125)
        succeeds(podman.call("start", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")

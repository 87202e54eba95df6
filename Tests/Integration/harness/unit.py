"""The Swift package's own tests, one outcome a test: what `swift test` writes as a stream of events is read as it comes."""

import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from .runner import Outcome, end_with_descendants

# Building the tests from nothing included.
TIME_LIMIT_SECONDS = 1800
# Between two events, once there was one.
SILENCE_LIMIT_SECONDS = 180
# Modules whose tests make processes, mounts and namespaces: one test at a time, and no other module's beside them. A new
# process has only the thread that made it, and waits for ever for a lock that another one held just then.
ALONE = ("LinuxSysTests", "ContainerRuntimeTests", "HostInspectionTests")


class _Stream:
    """Test's id to its name here, when it began and what it complained about."""

    def __init__(self, patterns, report):
        self.patterns = patterns
        self.report = report
        self.names = {}
        self.began = {}
        self.issues = {}
        self.ended = set()

    def take(self, line):
        record = json.loads(line)
        payload = record["payload"]
        if record["kind"] == "test":
            if payload["kind"] == "function":
                # Module.Suite/function()/File.swift:1:2
                self.names[payload["id"]] = payload["id"].rsplit("/", 1)[0]
            return
        test = payload.get("testID")
        kind = payload["kind"]
        text = " ".join(" ".join(message["text"].split()) for message in payload.get("messages", []))
        if kind == "issueRecorded" and not payload.get("issue", {}).get("isKnown") \
                and payload.get("issue", {}).get("severity", "error") == "error":
            self.issues.setdefault(test, []).append(text)
        elif test not in self.names:
            return
        elif kind == "testStarted":
            self.began[test] = time.monotonic()
        elif kind == "testEnded":
            self._end(test, "not ok" if test in self.issues else "ok", "; ".join(self.issues.get(test, [])))
        elif kind == "testSkipped":
            self._end(test, "skip", text)

    def _end(self, test, verdict, reason):
        self.ended.add(test)
        name = self.names[test]
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns):
            began = self.began.get(test, time.monotonic())
            self.report(Outcome(f"unit/{name}", verdict, reason, time.monotonic() - began))

    def close(self, status):
        """What never ended, and complaints that belong to no test."""
        for test in self.names:
            if test in self.began and test not in self.ended:
                self._end(test, "not ok", f"the tests' process ended before it did (status {status})")
        for test, texts in self.issues.items():
            if test not in self.ended:
                self.report(Outcome("unit/issues", "not ok", f"{test}: {'; '.join(texts)}"))


def _expression(pattern):
    """A pattern of the shell as a regular expression over ids."""
    return "^" + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _touches(pattern, module):
    """Whether some test of the module could have such a name."""
    prefix = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    return module.startswith(prefix) or prefix.startswith(module)


def _runs(patterns):
    """The arguments of each call of `swift test`."""
    of_alone = [p for p in patterns if any(_touches(p, module) for module in ALONE)]
    others = [p for p in patterns if not any(p.startswith(module) for module in ALONE)]
    if others:
        words = ["--skip", f"^({'|'.join(ALONE)})"]
        for pattern in others if "*" not in others else ():
            words += ["--filter", _expression(pattern)]
        yield words
    if of_alone:
        words = ["--no-parallel"]
        for pattern in (f"^{module}" for module in ALONE) if "*" in of_alone else map(_expression, of_alone):
            words += ["--filter", pattern]
        yield words


def run(root, patterns, report):
    ended = 0
    for words in _runs(patterns):
        ended += _run(root, words, patterns, report)
    if not ended:
        report(Outcome("unit/swift-test", "not ok", f"no test is named {', '.join(patterns)}"))


def _run(root, words, patterns, report):
    """One call of `swift test`; how many tests ended."""
    with tempfile.TemporaryDirectory(prefix="raind-test-unit-") as folder:
        events = os.path.join(folder, "events")
        log = os.path.join(folder, "log")
        command = ["swift", "test", "--event-stream-version", "0", "--event-stream-output-path", events,
                   "--disable-xctest", *words]
        stream = _Stream(patterns, report)
        with open(log, "wb") as said:
            process = subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=subprocess.STDOUT)
            try:
                _follow(process, events, stream)
            finally:
                if process.poll() is None:
                    # The tests' own process is in a group of its own, and would hold the build folder's lock.
                    end_with_descendants(process.pid)
                    process.wait()
        stream.close(process.returncode)
        if process.returncode != 0 and not any(stream.issues.values()):
            with open(log, encoding="utf-8", errors="replace") as said:
                lines = said.read().rstrip().splitlines()
            # The compiler's errors; else the end of what was said.
            errors = [line for line in lines if " error: " in line or line.startswith("error: ")]
            for line in lines[-40:]:
                print(f"#   {line}", file=sys.stderr)
            report(Outcome("unit/swift-test", "not ok",
                           f"exit {process.returncode}: {'; '.join((errors or lines[-3:])[:3])}"))
            return 1
        return len(stream.ended)


def _follow(process, events, stream):
    began = last = time.monotonic()
    rest, offset = b"", 0
    while True:
        over = process.poll() is not None
        if os.path.exists(events):
            with open(events, "rb") as file:
                file.seek(offset)
                data = file.read()
            if data:
                last = time.monotonic()
            offset += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line:
                    stream.take(line)
        if over:
            return
        now = time.monotonic()
        if now - began > TIME_LIMIT_SECONDS or (offset and now - last > SILENCE_LIMIT_SECONDS):
            stream.report(Outcome("unit/swift-test", "not ok", f"hangs: nothing in {now - last:.0f} s"))
            return
        time.sleep(0.1)

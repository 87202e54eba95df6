"""The Swift package's own tests, one outcome a test: what `swift test` writes as a stream of events is read as it comes."""

import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from .runner import Outcome

# Building the tests from nothing included.
TIME_LIMIT_SECONDS = 1800


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


def _filter(patterns):
    """--filter arguments: a pattern of the shell as a regular expression over ids."""
    if any(pattern == "*" for pattern in patterns):
        return []
    words = []
    for pattern in patterns:
        words += ["--filter", "^" + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")]
    return words


def run(root, patterns, report):
    with tempfile.TemporaryDirectory(prefix="raind-test-unit-") as folder:
        events = os.path.join(folder, "events")
        log = os.path.join(folder, "log")
        command = ["swift", "test", "--event-stream-version", "0", "--event-stream-output-path", events,
                   "--disable-xctest", *_filter(patterns)]
        stream = _Stream(patterns, report)
        with open(log, "wb") as said:
            process = subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=subprocess.STDOUT)
            try:
                _follow(process, events, stream)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        stream.close(process.returncode)
        if process.returncode != 0 and not any(stream.issues.values()) or not stream.ended:
            with open(log, encoding="utf-8", errors="replace") as said:
                lines = said.read().rstrip().splitlines()
            # The compiler's errors; else the end of what was said.
            errors = [line for line in lines if " error: " in line or line.startswith("error: ")]
            for line in lines[-40:]:
                print(f"#   {line}", file=sys.stderr)
            report(Outcome("unit/swift-test", "not ok",
                           f"exit {process.returncode}: {'; '.join((errors or lines[-3:])[:3])}"))


def _follow(process, events, stream):
    end = time.monotonic() + TIME_LIMIT_SECONDS
    rest, offset = b"", 0
    while True:
        over = process.poll() is not None
        if os.path.exists(events):
            with open(events, "rb") as file:
                file.seek(offset)
                data = file.read()
            offset += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line:
                    stream.take(line)
        if over:
            return
        if time.monotonic() > end:
            stream.report(Outcome("unit/swift-test", "not ok", f"took longer than {TIME_LIMIT_SECONDS} s"))
            return
        time.sleep(0.1)

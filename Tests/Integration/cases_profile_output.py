"""What raind-profile's output looks like: colours, forms, help."""

import json
import re

import yaml

from cases_profile import bundle, profile
from harness import case, contains, equal, excludes, succeeds, true
from harness.runtime import ENVIRONMENT
from harness.terminal import on_a_terminal

ESCAPE = "\x1b["


def verbs(t):
    """The words of each command that does something: ["apparmor", "load"]."""
    def walk(command, words):
        inner = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
        if not inner:
            yield words
        for one in inner:
            yield from walk(one, [*words, one["commandName"]])
    text = succeeds(profile(t, "--experimental-dump-help")).out
    return list(walk(json.loads(text)["command"], []))


@case("schema")
def output_has_colours_on_a_terminal_alone(t):
    folder, _ = bundle(t)
    differing = ["apply", "deploy", folder, "--dry-run", "--diff", "--apparmor-missing", "drop"]
    for words in (["ls"], ["show", "deploy"], ["lint", folder], ["pss", "deploy"], differing):
        def said(word=words, **environment):
            return on_a_terminal([t.tools["raind-profile"], *word], env={**ENVIRONMENT, "TERM": "xterm", **environment})[0]
        plain = profile(t, *words).out
        excludes(plain, ESCAPE, f"{words} into a pipe")
        coloured = said()
        contains(coloured, ESCAPE, f"{words} on a terminal")
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
            excludes(said(**environment), ESCAPE, f"{words} with {environment}")
        contains(said(NO_COLOR=""), ESCAPE, "NO_COLOR that says nothing")
        # Colours change neither words nor columns.
        lines = re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()
        equal([line for line in plain.splitlines() if line not in lines], [], f"{words}: lines")
    # What a program reads has none.
    excludes(on_a_terminal([t.tools["raind-profile"], "show", "deploy", "-o", "json"], env={**ENVIRONMENT, "TERM": "xterm"})[0],
             ESCAPE)


@case("schema")
def output_of_help_has_examples(t):
    found = verbs(t)
    true(len(found) > 8 and ["apparmor", "load"] in found, found)
    for words in found:
        text = succeeds(profile(t, *words, "--help")).out
        _, _, examples = text.partition("\nExamples:\n")
        commands = re.findall(r"^  (?:.*\| )?raind-profile (\S+(?: \S+)?)", examples, re.MULTILINE)
        true([one for one in commands if one.split()[:len(words)] == words], f"an example in the help of {words}: {examples}")
        # The line of usage is as long as there are options.
        for line in text.partition("\nUSAGE: ")[0].splitlines():
            true(len(line) <= 80, f"{words}: {line!r} fits a terminal")


@case("schema")
def output_of_each_form(t):
    """The same document in both, for each verb that prints one."""
    folder, _ = bundle(t)
    rows = [["ls"], ["show", "hardened"], ["apparmor", "show", "deploy"], ["apparmor", "status", "deploy"],
            ["convert", "deploy", "--to", "kubernetes", "--out", folder], ["convert", "deploy", "--to", "docker", "--out", folder],
            ["convert", "deploy", "--to", "oci"], ["lint", "privileged"], ["explain", "deploy", "--cap", "CHOWN"],
            ["pss", "hardened"], ["convert", "hardened", "--to", "raind"]]
    for words in rows:
        table, as_json, as_yaml = (profile(t, *words, *flags).out for flags in ([], ["-o", "json"], ["-o", "yaml"]))
        document = json.loads(as_json)
        equal(yaml.safe_load(as_yaml), document, words)
        true(document and table.endswith("\n"), words)

"""Shells as a person has them: what they offer for a line that isn't finished."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios

from .terminal import read_terminal

# All that is offered is put into the line, the line becomes the words of a printf, and those are shown one a line.
BASH = r"""
PS1='ready> '
bind 'set enable-bracketed-paste off'
bind 'set show-all-if-ambiguous off'
bind '"\C-xm": insert-completions'
complete -r
source {folder}/bash/raind-oci
source {folder}/bash/raind-profile
"""
FISH = r"""
function fish_prompt; echo 'ready> '; end
function fish_greeting; end
source {folder}/fish/raind-oci.fish
source {folder}/fish/raind-profile.fish
"""
ZSH = r"""
unsetopt beep
PS1='ready> '
fpath=({folder}/zsh $fpath)
autoload -Uz compinit && compinit -D -u
zle -C all-matches complete-word _generic
zstyle ':completion:all-matches:*' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert yes
bindkey -e
bindkey '^Xm' all-matches
"""


class Shell:
    """One shell with the completions of a folder; `offers` tells what it offers behind a line."""

    def __init__(self, kind, completions, scratch, path):
        self.kind = kind
        self.completions = completions
        self.scratch = scratch
        self.env = {"PATH": f"{path}:/usr/bin:/bin", "HOME": scratch, "TERM": "dumb", "LC_ALL": "C.UTF-8",
                    "XDG_CONFIG_HOME": os.path.join(scratch, "config"), "XDG_DATA_HOME": os.path.join(scratch, "data")}
        self.master = self.process = None

    def __enter__(self):
        startup = os.path.join(self.scratch, "startup")
        with open(startup, "w", encoding="utf-8") as file:
            file.write({"bash": BASH, "fish": FISH, "zsh": ZSH}[self.kind].replace("{folder}", self.completions))
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 1000, 0, 0))

        def before():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        command = {"bash": ["bash", "--noprofile", "--norc", "-i"], "fish": ["fish", "--no-config", "-i"],
                   "zsh": ["zsh", "-f", "-i"]}[self.kind]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=before, env=self.env,
                                        cwd=self.scratch)
        os.close(slave)
        self._type(f". {startup}; echo begun'!'\n", "begun!")
        return self

    def __exit__(self, *_):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            os.close(self.master)

    def _type(self, keys, until):
        os.write(self.master, keys.encode())
        return read_terminal(self.master, until, 10)

    def offers(self, line):
        """What may stand in the place of the line's last word, or behind its last space."""
        if self.kind == "fish":
            said = self._type(f"complete --do-complete '{line}' | string replace -r '\\t.*' '' | "
                              "string replace -r '(.*)' '[$1]'; echo '[end''ed]'\n", "[ended]")
            return re.findall(r"^\[(.*)\]\r?$", said, re.MULTILINE)[:-1]
        # After the line: insert all matches; then to its start, where printf goes. The quotes keep the echo of what is
        # typed from being the end that is waited for.
        said = self._type(f"{line}\x18m\x01printf '[%s]\\n' \x05 end''ed\n", "[ended]")
        words = re.findall(r"^\[(.*)\]\r?$", said, re.MULTILINE)
        before = line.split(" ")[:-1]
        return words[len(before):-1]

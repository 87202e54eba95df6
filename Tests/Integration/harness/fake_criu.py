"""A stand-in for criu that saves and restores nothing: it answers as it is told to. What it is asked is kept."""

import os

PROGRAM = r'''#!PYTHON
import os, signal, socket, sys, time

def number(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])

def field(place, value):
    if isinstance(value, int):
        return number(place << 3) + number(value)
    value = value if isinstance(value, bytes) else value.encode()
    return number(place << 3 | 2) + number(len(value)) + value

MODE, FOLDER = "@MODE@", "@FOLDER@"
assert sys.argv[1] == "swrk", sys.argv
peer = socket.socket(fileno=int(sys.argv[2]))

def hear():
    packet = peer.recv(1 << 16)
    if not packet:
        sys.exit(0)
    with open(f"{FOLDER}/asked-{len(os.listdir(FOLDER)):03}", "wb") as file:
        file.write(packet)
    return packet[1]

if MODE == "silent":
    sys.exit(3)
if MODE == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
while True:
    kind = hear()
    if MODE == "garbage":
        peer.send(b"\xff\xff")
        hear()
    elif MODE == "strange":
        peer.send(field(1, 3) + field(2, 1))
        hear()
    elif kind == 10:
        version = field(1, 2) + field(2, 12) if MODE == "old" else field(1, 3) + field(2, 17) + field(4, 1)
        peer.send(field(1, 10) + field(2, 1) + field(10, version))
    elif kind == 9:
        peer.send(field(1, 9) + field(2, 1) + field(8, field(1, 0) + field(2, 0)))
    else:
        if MODE == "nobody":
            peer.send(field(1, 6) + field(2, 1) + field(5, field(1, "setup-namespaces") + field(2, 0x7FFFFFFE)))
            hear()
        if MODE == "stays":
            # It has made a process, and is long in giving up when nobody is left to ask it.
            made = os.fork()
            if made == 0:
                time.sleep(3600)
            peer.send(field(1, 6) + field(2, 1) + field(5, field(1, "setup-namespaces") + field(2, made)))
            hear()
            time.sleep(3600)
        text = "Error (criu/cr.c:1): Can't open /x: No such file or directory, not found"
        peer.send(field(1, kind) + field(2, 0) + field(7, 52) + field(9, text))
'''


def install(t, mode):
    """The folder for PATH that has the stand-in, and the folder that what it is asked is kept in."""
    place, asked = t.folder(), t.folder()
    program = os.path.join(place, "criu")
    with open(program, "w", encoding="utf-8") as file:
        file.write(PROGRAM.replace("PYTHON", os.path.realpath("/proc/self/exe"), 1)
                   .replace("@MODE@", mode).replace("@FOLDER@", asked))
    os.chmod(program, 0o755)
    return place, asked


def fields(data):
    """The fields of a message: [(number, value)], texts and messages as bytes."""
    found, place = [], 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        key = number()
        if key & 7 == 0:
            found.append((key >> 3, number()))
        else:
            count = number()
            found.append((key >> 3, data[place:place + count]))
            place += count
    return found

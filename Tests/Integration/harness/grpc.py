"""Calls of containerd's services: protocol buffers, ttrpc (the shims') and gRPC (the daemon's), as far as a call needs them."""

import os
import socket
import struct
import subprocess
import urllib.parse


def varint(number):
    out = b""
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, data):
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    """Number to value of each field: bytes, or a number."""
    found, at = {}, 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value
    while at < len(data):
        tag = read()
        value = read()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        elif tag & 7 != 0:
            raise AssertionError(f"field of the kind {tag & 7} in {data!r}")
        found[tag >> 3] = value
    return found


def ttrpc(path, service, method, payload, seconds=15):
    """One call; the text of its error, "" where it succeeded."""
    request = field(1, service.encode()) + field(2, method.encode()) + field(3, payload)
    request += field(5, field(1, b"containerd-namespace-ttrpc") + field(2, b"default"))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(path)
        connection.sendall(struct.pack(">IIBB", len(request), 1, 1, 0) + request)

        def read(count):
            data = b""
            while len(data) < count:
                part = connection.recv(count - len(data))
                if not part:
                    raise AssertionError(f"the shim hung up after {data!r}")
                data += part
            return data
        length, _, kind, _ = struct.unpack(">IIBB", read(10))
        answer = fields(read(length))
    if kind != 2:
        raise AssertionError(f"a ttrpc message of the kind {kind}")
    return fields(answer[1]).get(2, b"").decode() if 1 in answer else ""


def message(*parts):
    """A message of (number, value): text, bytes, a number, or a list of such."""
    out = b""
    for number, value in parts:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, int):
                out += varint(number << 3) + varint(each)
            else:
                out += field(number, each.encode() if isinstance(each, str) else each)
    return out


def grpc(path, method, payload, scratch, seconds=30):
    """One call by curl: (the answer's message, ""), or (b"", the error's text)."""
    request, answer, headers = (os.path.join(scratch, f"grpc-{name}") for name in ("request", "answer", "headers"))
    with open(request, "wb") as file:
        file.write(struct.pack(">BI", 0, len(payload)) + payload)
    subprocess.run(["curl", "--silent", "--show-error", "--http2-prior-knowledge", "--unix-socket", path, "--max-time", str(seconds),
                    "--header", "content-type: application/grpc", "--header", "te: trailers", "--data-binary", f"@{request}",
                    "--output", answer, "--dump-header", headers, f"http://localhost/{method}"], check=True)
    with open(headers, encoding="utf-8") as file:
        said = dict(line.rstrip("\r\n").split(": ", 1) for line in file if ": " in line)
    if said.get("grpc-status") != "0":
        return b"", urllib.parse.unquote(said.get("grpc-message", f"grpc-status {said.get('grpc-status')}"))
    with open(answer, "rb") as file:
        return file.read()[5:], ""

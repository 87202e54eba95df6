"""The BPF programs that the kernel holds."""

import ctypes
import os

CALL = 321
GET_NEXT_ID, GET_FD_BY_ID, GET_INFO, QUERY = 11, 13, 15, 16
CGROUP_DEVICE = 6

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint32 * 16)]


def _bpf(command, *words):
    """The result, and the attributes afterwards as words."""
    attributes = _Attributes()
    for place, word in enumerate(words):
        attributes.words[place] = word & 0xffffffff
    return _libc.syscall(CALL, command, ctypes.byref(attributes), ctypes.sizeof(attributes)), attributes.words


def _halves(buffer):
    address = ctypes.addressof(buffer)
    return address & 0xffffffff, address >> 32


def ids():
    """The programs' ids."""
    found, at = [], 0
    while True:
        result, words = _bpf(GET_NEXT_ID, at)
        if result != 0:
            return found
        at = words[1]
        found.append(at)


def tag(number):
    """The sum of a program's instructions, as the kernel makes it; None where it has gone."""
    descriptor, _ = _bpf(GET_FD_BY_ID, number)
    if descriptor < 0:
        return None
    try:
        info = (ctypes.c_uint8 * 16)()
        result, _ = _bpf(GET_INFO, descriptor, len(info), *_halves(info))
        return bytes(info[8:]).hex() if result == 0 else None
    finally:
        os.close(descriptor)


def attached(folder):
    """The tags of the device programs of a group."""
    group = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = (ctypes.c_uint32 * 16)()
        result, words = _bpf(QUERY, group, CGROUP_DEVICE, 0, 0, *_halves(found), len(found))
        return [tag(number) for number in found[:words[6]]] if result == 0 else []
    finally:
        os.close(group)

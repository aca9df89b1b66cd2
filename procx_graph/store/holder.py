"""Who holds something in the store: a process by name, and whether it is known to be dead."""

import os
import socket
from functools import cache
from pathlib import Path
from uuid import uuid4

_PROC = Path("/proc")


def new_holder() -> str:
    """Give a name for a piece of work of this process: host, machine, process, start, piece.

    Machine and start are empty where the system does not tell them.
    """
    pid = os.getpid()
    start = _start_of(pid) if _machine() else ""
    return "|".join((socket.gethostname(), _machine(), str(pid), start, uuid4().hex[:12]))


def told(holder: str) -> str:
    """Give a holder as people read it."""
    host, _, pid, *_ = (*holder.split("|"), "", "", "")
    return f"process {pid} on {host}" if pid else holder


def is_gone(holder: str) -> bool:
    """Whether a holder's process is known to have ended; false where that cannot be known.

    Only a process of this machine can be asked for, by the same kernel and in the same container;
    a process that took over the number of a dead one started at another moment.
    """
    parts = holder.split("|")
    if len(parts) != 5 or not parts[1] or parts[1] != _machine():
        return False
    return _start_of(int(parts[2])) != parts[3]


@cache
def _machine() -> str:
    """Give the running kernel and the process namespace, empty where there is no /proc."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start_of(pid: int) -> str:
    """Give when a process started, in ticks since boot; empty when there is none."""
    try:
        told = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else rest[18]

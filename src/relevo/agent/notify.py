"""Tell systemd how we are: sd_notify(3) without a library."""

from __future__ import annotations

import os
import socket

READY = "READY=1"
ALIVE = "WATCHDOG=1"


def silence(seconds: float) -> str:
    """Return the state that has systemd kill us after so many seconds without ALIVE.

    WatchdogSec= in our unit says the same, but is read when we are started, and a reload is no start.
    """
    return f"WATCHDOG_USEC={round(seconds * 1e6)}"


def notify(state: str) -> None:
    """Send a state to systemd; do nothing when it did not start us."""
    if not (path := os.environ.get("NOTIFY_SOCKET")):
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.sendto(state.encode(), address)

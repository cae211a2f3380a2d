"""The kernel's NFS server lets go of a client: what it held (locks, opens, delegations) is free at once.

Otherwise everybody waits for it until its lease has ended. The kernel shows each client as a folder of
/proc/fs/nfsd/clients (since Linux 5.3): `info` says who it is, and `expire` written to `ctl` ends its state. Such a
client may come back; then it begins anew, without what it held. Standard library only.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

CLIENTS = Path("/proc/fs/nfsd/clients")
_ADDRESS = re.compile(r'^address: "(.+):\d+"$', re.MULTILINE)


def expire(address: str, clients: Path = CLIENTS) -> int:
    """End the state of all clients at an address, and return how many there were; none where no server runs.

    Blocks until the server has done so, which waits for what it is doing for them.

    Raises:
        OSError: the kernel refuses it.
    """
    ended = 0
    for info in sorted(clients.glob("*/info")):
        if address_of(info) == address:
            with suppress(FileNotFoundError):  # it has gone by itself
                info.with_name("ctl").write_text("expire\n", encoding="ascii")
                ended += 1
    return ended


def address_of(info: Path) -> str:
    """Return the address of a client, empty when it has gone meanwhile or nothing is said of it."""
    try:
        found = _ADDRESS.search(info.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return ""
    return found[1].strip("[]") if found else ""

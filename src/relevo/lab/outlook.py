"""How one of this computer's programs sees the world from the client: its network, and the platform's name servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# In a mount namespace of the program's own, our files lie over those of /etc.
_COVER = 'for file in "$0"/*; do mount --bind "$file" "/etc/${file##*/}" || exit 1; done; exec "$@"'


def write(folder: Path, name_servers: Sequence[str]) -> None:
    """Write the files that cover this computer's own: where names are looked up, and where first."""
    folder.mkdir(exist_ok=True)
    (folder / "resolv.conf").write_text(resolv_conf(name_servers), encoding="utf-8")
    switch = Path("/etc/nsswitch.conf")
    if switch.exists():
        (folder / "nsswitch.conf").write_text(by_dns_only(switch.read_text(encoding="utf-8")), encoding="utf-8")


def command(pid: int, folder: Path, argv: Sequence[str]) -> list[str]:
    """Return the argument list that runs a program in the network of the process `pid`."""
    return ["nsenter", f"--net=/proc/{pid}/ns/net", "unshare", "--mount", "sh", "-c", _COVER, str(folder), *argv]


def resolv_conf(name_servers: Sequence[str]) -> str:
    """Return a resolv.conf(5) that asks each server for a second; the C library takes three servers at most."""
    return "".join(f"nameserver {address}\n" for address in name_servers[:3]) + "options timeout:1 attempts:2\n"


def by_dns_only(switch: str) -> str:
    """Return an nsswitch.conf(5) whose hosts come from files and DNS, not from a resolver daemon of this computer."""
    lines = ["hosts: files dns" if line.startswith("hosts:") else line for line in switch.splitlines()]
    return "\n".join(lines) + "\n"

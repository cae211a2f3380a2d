"""Get a DHCP lease as a new machine on the network does, with busybox's udhcpc, and change nothing on the client."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError
from relevo.i18n import _
from relevo.lab.contract import CLIENT

_SCRIPT = "/run/relevo-drill-lease"
_SCRIPT_TEXT = '#!/bin/sh\n[ "$1" = bound ] && echo "LEASE ip=$ip dns=$dns domain=$domain lease=$lease"\nexit 0\n'
_HARDWARE = "02:72:65:6c:76:6f"  # locally administered: no real machine has it


@dataclass(frozen=True)
class Lease:
    """What the server gave: address, name servers, domain, and for how many seconds."""

    address: str
    name_servers: tuple[str, ...]
    domain: str
    seconds: int


def obtain(world: World) -> Lease:
    """Ask for a lease on the lab's client, show it, and give it back."""
    if not world.platform.in_lab:
        raise NotHere(_("asking for a lease needs a machine to spare on the network: only the lab has one"))
    _on_client(world, "sh", "-c", f"cat > {_SCRIPT} && chmod 755 {_SCRIPT}", stdin=_SCRIPT_TEXT)
    interface = _interface(world)
    said = _on_client(
        world, "timeout", "20", "busybox", "udhcpc", "-f", "-n", "-q", "-R", "-t", "5", "-T", "1", "-i", interface,
        "-s", _SCRIPT, "-x", f"0x3d:01{_HARDWARE.replace(':', '')}",
    )
    return parse(said)


def parse(said: str) -> Lease:
    """Read what the script printed; raise DrillError when there was no lease."""
    found = re.search(r"LEASE ip=(\S+) dns=(.*?) domain=(\S*) lease=(\d*)", said)
    if not found:
        raise DrillError(_("no lease: {said}").format(said=said.strip()[-200:] or _("no answer")))
    address, servers, domain, seconds = found.groups()
    return Lease(address, tuple(servers.split()), domain, int(seconds or 0))


def _interface(world: World) -> str:
    route = _on_client(world, "ip", "-oneline", "route", "get", world.storage_node.address)
    if not (found := re.search(r"\bdev (\S+)", route)):
        raise DrillError(_("the client has no way to {node}").format(node=world.storage_node.name))
    return found.group(1)


def _on_client(world: World, *command: str, stdin: str | None = None) -> str:
    return world.platform.run(CLIENT, command, within=40, stdin=stdin)

"""What a node knows of itself: the facts that rendering needs, and whether it is fit to be part of the platform."""

from __future__ import annotations

import json
import os
from pathlib import Path

from relevo.cluster.model import Node
from relevo.deploy.shell import run
from relevo.errors import UnfitError
from relevo.i18n import _
from relevo.services.base import NodeFacts
from relevo.services.releases import Release, refusal

_MEMORY_UNIT = 1024 * 1024


def gather(node: Node) -> NodeFacts:
    """Return the facts of this machine; raise UnfitError when it can't be that node."""
    return NodeFacts(
        release=_release(node),
        interface=_interface(node),
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEMORY_UNIT,
        cpus=os.cpu_count() or 1,
    )


def _release(node: Node) -> Release:
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    words = dict(line.split("=", 1) for line in lines if "=" in line)
    release = Release(words.get("ID", "unknown").strip('"'), words.get("VERSION_ID", "0").strip('"'))
    if (why := refusal(release)) is not None:
        raise UnfitError(node.name, why)
    return release


def _interface(node: Node) -> str:
    for link in json.loads(run(["ip", "-json", "-4", "address", "show"], within=10)):
        if any(entry.get("local") == str(node.address) for entry in link.get("addr_info", [])):
            return str(link["ifname"])
    text = _("no interface of this machine has the address {address}: correct [nodes.{node}] or the network")
    raise UnfitError(node.name, text.format(address=node.address, node=node.name))

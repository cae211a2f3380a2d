"""A machine or a disk in the place of a dead one: the identity that the others know, and a brick for its copy.

Gluster knows its machines by a UUID. A successor gets that of the dead one and learns the volume from the others, as
Gluster's own procedure for a host of the same name has it; then its bare brick gets the volume's mark. That it lacks
everything the others are told last (`blame.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import STORAGE_VOLUME, SUCCESSOR_MARK
from relevo.deploy.shell import CommandFailed, run, wait_until
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.services.glusterfs import brick, volume
from relevo.services.glusterfs.settings import UNIT, brick_of, bricks

_HOME = "/var/lib/glusterd"
_KNOWN_SECONDS = 60


def identity(cluster: Cluster, dead: Node, pool: str, info: str) -> Mapping[str, str]:
    """Return the files that make a bare machine the peer that the others know; pure.

    Args:
        cluster: the cluster.
        dead: the machine whose place is taken.
        pool: `gluster --xml pool list`, and
        info: `/var/lib/glusterd/glusterd.info`, both from one of the living machines, which may be called `localhost`.

    Raises:
        RelevoError: the living machine does not know the dead one.
    """
    known = _by_host(pool)
    living_uuid = _value(info, "UUID")
    own = _uuid_of(dead, known)
    if own is None:
        raise RelevoError(_("Gluster knows no machine {node} ({address})").format(node=dead.name, address=dead.address))
    files = {f"{_HOME}/glusterd.info": f"UUID={own}\noperating-version={_value(info, 'operating-version')}\n"}
    for node in cluster.peers:
        if node != dead:
            uuid = _uuid_of(node, known) or living_uuid
            files[f"{_HOME}/peers/{uuid}"] = f"uuid={uuid}\nstate=3\nhostname1={node.address}\n"
    return files


def is_successor() -> bool:
    """Tell whether this machine, or its disk, is taking the place of a dead one."""
    return Path(SUCCESSOR_MARK).exists()


def wait_until_known() -> None:
    """Wait until this machine's glusterd has learned the volume from the others."""
    if is_successor():
        wait_until(lambda: volume.volume() is not None, within=_KNOWN_SECONDS, what=_("the others to tell the volume"))


def place_needed(cluster: Cluster, node: Node) -> str | None:
    """Say that the brick is to take the place of the lost one, or None."""
    if not is_successor() or not brick.is_bare(Path(cluster.storage.brick)) or volume.volume() is None:
        return None
    return _("take the place of the lost copy") if brick_of(cluster, node) in volume.offline(cluster) else None


def take_place(cluster: Cluster, node: Node) -> None:
    """Let the bare brick take the place of the lost one."""
    known, own = volume.volume(), brick_of(cluster, node)
    if known is None:
        text = _("the volume {volume} is not known here any more: does glusterd run?")
        raise CommandFailed(text.format(volume=STORAGE_VOLUME))
    brick.mark(Path(cluster.storage.brick), known.identity)
    run(["systemctl", "restart", UNIT])  # it starts the brick, on a port of our range
    wait_until(lambda: own not in volume.offline(cluster), within=60, what=_("the new brick to be online"), every=0.3)


def pending_attribute(cluster: Cluster, node: Node) -> str:
    """Return the attribute by which other bricks count what the copy of this machine has not seen."""
    return f"trusted.afr.{STORAGE_VOLUME}-client-{bricks(cluster).index(brick_of(cluster, node))}"


def _by_host(pool: str) -> dict[str, str]:
    peers = ET.fromstring(pool).iterfind("./peerStatus/peer")  # noqa: S314 - written by a glusterd of ours
    return {name.text or "": peer.findtext("uuid", "") for peer in peers for name in peer.iter("hostname")}


def _uuid_of(node: Node, known: Mapping[str, str]) -> str | None:
    """Find a machine by its address, or by its name where Gluster looked that up."""
    found = (uuid for host, uuid in known.items() if host == str(node.address) or host.partition(".")[0] == node.name)
    return next(found, None)


def _value(info: str, key: str) -> str:
    lines = (line.partition("=") for line in info.splitlines())
    return next(value for name, _equals, value in lines if name == key)

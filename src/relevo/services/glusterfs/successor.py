"""A machine or a disk in the place of a dead one: the identity that the others know, and the copy it is to get.

Gluster knows its machines by a UUID. A successor gets that of the dead one and learns the volume from the others, as
Gluster's own procedure for a host of the same name has it; then its bare brick gets the volume's mark, and a full heal
copies everything to it. (`reset-brick` is not for this: of a brick without a history GlusterFS 11.1 says "when
destination brick is new, please use replace-brick", and that one wants another path.)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import STORAGE_VOLUME, SUCCESSOR_MARK
from relevo.deploy.shell import CommandFailed, run, succeeds, wait_until
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.services.glusterfs import brick, volume
from relevo.services.glusterfs.settings import UNIT, brick_of

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
        wait_until(lambda: volume.volume() is not None, within=_KNOWN_SECONDS, what="the others to tell the volume")


def place_needed(cluster: Cluster) -> str | None:
    """Say that the brick is to take the place of the lost one, or None."""
    path = Path(cluster.storage.brick)
    if not is_successor() or volume.volume() is None or not (brick.is_bare(path) or brick.is_due(path)):
        return None
    return "take the place of the lost copy"


def take_place(cluster: Cluster, node: Node) -> None:
    """Let the bare brick take the place of the lost one, and have everything copied to it."""
    path, known, own = Path(cluster.storage.brick), volume.volume(), brick_of(cluster, node)
    if known is None:
        raise CommandFailed(f"the volume {STORAGE_VOLUME} is not known here any more: does glusterd run?")
    brick.mark(path, known.identity)
    run(["systemctl", "restart", UNIT])  # it starts the brick, on a port of our range
    wait_until(lambda: own not in volume.offline(cluster), within=60, what="the new brick to be online", every=0.3)
    wait_until(_heal_all, within=60, what="the full heal to begin", every=2.0)
    brick.settled(path)


def _heal_all() -> bool:
    return succeeds(["gluster", "--mode=script", "volume", "heal", STORAGE_VOLUME, "full"])


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

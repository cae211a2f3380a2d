"""A machine or a disk in the place of a dead one: the identity that the others know, and the copy it is to get.

Gluster knows its machines by a UUID. A successor gets that of the dead one and learns the volume from the others, as
Gluster's own procedure for "a host with the same name" has it; then its empty brick takes the place of the lost one by
`reset-brick`, which marks everything on it as missing, so that the self-heal daemons copy all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import STORAGE_VOLUME, SUCCESSOR_MARK
from relevo.deploy.shell import run, wait_until
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.services.glusterfs import brick, volume
from relevo.services.glusterfs.settings import brick_of

_HOME = "/var/lib/glusterd"
_KNOWN_SECONDS = 60
_RESET_SECONDS = 300


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
    if not is_successor() or not brick.is_empty(Path(cluster.storage.brick)) or volume.volume() is None:
        return None
    return "take the place of the lost copy"


def take_place(cluster: Cluster, node: Node) -> None:
    """Let the empty brick take the place of the lost one; the others copy everything to it from then on."""
    own = brick_of(cluster, node)
    order = ["gluster", "--mode=script", "volume", "reset-brick", STORAGE_VOLUME, own]
    run([*order, "start"], within=_RESET_SECONDS)
    run([*order, own, "commit", "force"], within=_RESET_SECONDS)
    wait_until(lambda: not volume.offline(cluster), within=60, what="all bricks to be online", every=0.3)


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

"""Ask Gluster how peers and volume are, and bring them to what the cluster file says. Every step bears a repetition."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from relevo.cluster.model import Cluster
from relevo.cluster.wires import STORAGE_VOLUME
from relevo.deploy.shell import CommandFailed, run, wait_until
from relevo.i18n import _
from relevo.services.glusterfs.settings import bricks, volume_options

_GLUSTER = ("gluster", "--mode=script")
_IN_CLUSTER = "3"  # glusterd's state "Peer in Cluster"
_SECONDS = 120  # glusterd's own limit for one order


@dataclass(frozen=True)
class Volume:
    """The volume as Gluster describes it."""

    identity: str  # its UUID
    status: str
    bricks: tuple[str, ...]
    options: dict[str, str]


def parse_volume(text: str) -> Volume | None:
    """Read `gluster --xml volume info NAME`; None when there is no such volume."""
    found = ET.fromstring(text).find("./volInfo/volumes/volume")  # noqa: S314 - written by the local glusterd
    if found is None:
        return None
    return Volume(
        identity=found.findtext("id", ""),
        status=found.findtext("statusStr", ""),
        bricks=tuple(brick.findtext("name", "") for brick in found.iterfind("./bricks/brick")),
        options={o.findtext("name", ""): o.findtext("value", "") for o in found.iterfind("./options/option")},
    )


def parse_peers(text: str) -> dict[str, bool]:
    """Read `gluster --xml peer status`: each peer's address, and whether it is a connected member."""
    peers = ET.fromstring(text).iterfind("./peerStatus/peer")  # noqa: S314 - written by the local glusterd
    return {
        name.text or "": peer.findtext("state") == _IN_CLUSTER and peer.findtext("connected") == "1"
        for peer in peers
        for name in [*peer.iterfind("hostname"), *peer.iterfind("./hostnames/hostname")]
    }


def parse_online(text: str) -> frozenset[str]:
    """Read `gluster --xml volume status NAME`: the bricks that are online."""
    nodes = ET.fromstring(text).iterfind("./volStatus/volumes/volume/node")  # noqa: S314 - the same
    return frozenset(
        f"{node.findtext('hostname')}:{node.findtext('path')}" for node in nodes if node.findtext("status") == "1"
    )


def parse_heal_counts(text: str) -> tuple[int, ...]:
    """Read `gluster volume heal NAME statistics heal-count`: entries to be copied, of each brick that answers."""
    return tuple(int(count) for count in re.findall(r"^Number of entries: (\d+)$", text, re.MULTILINE))


def volume() -> Volume | None:
    """Return the volume, or None when there is none or Gluster does not run here yet."""
    return parse_volume(text) if (text := _ask("volume", "info", STORAGE_VOLUME)) else None


def missing_peers(cluster: Cluster) -> list[str]:
    """Return the addresses of machines that are no connected members yet, as seen from the first mail node."""
    text = _ask("peer", "status")
    have = parse_peers(text) if text else {}
    others = [str(node.address) for node in cluster.peers if node is not cluster.mail_nodes[0]]
    return [address for address in others if not have.get(address)]


def join_peers(cluster: Cluster) -> None:
    """Make the other machines members, and wait until all are connected."""
    for address in missing_peers(cluster):
        run([*_GLUSTER, "peer", "probe", address], within=_SECONDS)
    wait_until(lambda: not missing_peers(cluster), within=30, what=_("the other machines' glusterd to be connected"))


def create(cluster: Cluster) -> None:
    """Make the volume; `force` only lets bricks be on the root file system, whose fitness `brick.make` has checked."""
    command = [*_GLUSTER, "volume", "create", STORAGE_VOLUME, "replica", "3", "arbiter", "1", *bricks(cluster), "force"]
    run(command, within=_SECONDS)


def wrong_options(cluster: Cluster) -> dict[str, str]:
    """Return the options that are not as they should be yet."""
    now = volume()
    have = now.options if now else {}
    return {name: value for name, value in volume_options(cluster).items() if have.get(name) != value}


def set_options(cluster: Cluster) -> None:
    """Set what differs, all in one transaction."""
    pairs = [word for pair in wrong_options(cluster).items() for word in pair]
    run([*_GLUSTER, "volume", "set", STORAGE_VOLUME, *pairs], within=_SECONDS)


def start(cluster: Cluster) -> None:
    """Start the volume, and wait until all its bricks are online."""
    run([*_GLUSTER, "volume", "start", STORAGE_VOLUME], within=_SECONDS)
    wait_until(lambda: not offline(cluster), within=60, what=_("all bricks to be online"), every=0.3)


def offline(cluster: Cluster) -> list[str]:
    """Return the bricks that are not online."""
    text = _ask("volume", "status", STORAGE_VOLUME)
    online = parse_online(text) if text else frozenset()
    return [brick for brick in bricks(cluster) if brick not in online]


def is_whole(cluster: Cluster) -> bool:
    """Tell whether all bricks are online and have everything."""
    return not offline(cluster) and _all_copied(cluster)


def can_do_without(cluster: Cluster, brick: str) -> bool:
    """Tell whether this brick may end without anybody missing it: it is off already, or all are whole."""
    return offline(cluster) == [brick] or is_whole(cluster)


def _all_copied(cluster: Cluster) -> bool:
    counts = parse_heal_counts(run([*_GLUSTER, "volume", "heal", STORAGE_VOLUME, "statistics", "heal-count"]))
    return len(counts) == len(bricks(cluster)) and not any(counts)


def _ask(*words: str) -> str | None:
    """Return Gluster's answer as XML, or None when it is not installed or does not run."""
    if shutil.which(_GLUSTER[0]) is None:
        return None
    try:
        return run([*_GLUSTER, "--xml", *words], within=_SECONDS)
    except CommandFailed:
        return None

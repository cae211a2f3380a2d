"""Machines of two releases in one platform: which of them can't get along, said before anything is changed.

MariaDB: a server takes a whole copy of the accounts from one of its own version or an older one, never from a newer one
(seen: 11.8 joins 10.11, by a whole copy or with what it missed; 10.11 can't join 11.8).
GlusterFS: 10 and 11 don't serve one volume. A bare 11.1 does not understand what 10.3 tells it of the volume, and one
that knows it is rejected, since each orders the volume's options in its own way and sums that up. Its makers know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from relevo.cluster.model import Cluster
from relevo.errors import UnfitError
from relevo.i18n import _
from relevo.services.releases import KNOWN, Release


def faults(cluster: Cluster, releases: Mapping[str, Release], new: Collection[str]) -> Iterator[str]:
    """Yield for each new machine why it can't be one with the others, a sentence each."""
    known = {name: release for name, release in releases.items() if release in KNOWN}
    yield from _databases(cluster, known, new)
    if "glusterfs" in cluster.storage.kinds:
        yield from _volumes(cluster, known, new)


def _databases(cluster: Cluster, releases: Mapping[str, Release], new: Collection[str]) -> Iterator[str]:
    """Compare a new mail node with the other one. On a new platform the preferred one makes the accounts."""
    for node in cluster.mail_nodes:
        other = cluster.other_mail_node(node).name
        begins = other in new and node == cluster.mail_nodes[0]
        if node.name not in new or begins or not {node.name, other} <= releases.keys():
            continue
        mine, theirs = releases[node.name], releases[other]
        if _number(theirs.programs.mariadb) > _number(mine.programs.mariadb):
            text = _(
                "it runs {mine}, and {other} runs {theirs}: MariaDB {old} can't take the accounts over from {new}; "
                "install {theirs} on it"
            )
            yield str(UnfitError(node.name, text.format(
                mine=mine.title, other=other, theirs=theirs.title,
                old=mine.programs.mariadb, new=theirs.programs.mariadb,
            )))


def _volumes(cluster: Cluster, releases: Mapping[str, Release], new: Collection[str]) -> Iterator[str]:
    """Compare a new machine with those that stand, or with the first one where none does."""
    names = [node.name for node in cluster.peers if node.name in releases]
    standing = next((name for name in names if name not in new), names[0] if names else "")
    for name in names:
        mine, theirs = releases[name], releases[standing]
        if name in new and mine.programs.glusterfs != theirs.programs.glusterfs:
            text = _(
                "it runs {mine}, and {other} runs {theirs}: GlusterFS {own} and {others} don't serve one volume; "
                "install {theirs} on it, or take the mail to another kind of storage first (relevo storage move)"
            )
            yield str(UnfitError(name, text.format(
                mine=mine.title, other=standing, theirs=theirs.title,
                own=mine.programs.glusterfs, others=theirs.programs.glusterfs,
            )))


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))

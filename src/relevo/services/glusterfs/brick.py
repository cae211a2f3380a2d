"""The directory that holds a machine's copy of the volume: made once, never silently anew."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import UUID

from relevo.cluster.wires import STORAGE_VOLUME
from relevo.deploy.shell import CommandFailed
from relevo.i18n import _

_KNOWN_VOLUME = Path("/var/lib/glusterd/vols") / STORAGE_VOLUME
_VOLUME_ID = "trusted.glusterfs.volume-id"
_GFID = "trusted.gfid"
_TRIAL = "trusted.relevo"
_INDICES = ".glusterfs/indices"


def needed(brick: Path, known_volume: Path = _KNOWN_VOLUME, *, successor: bool = False) -> str | None:
    """Say what is to be done for the brick; raise CommandFailed when it is in a state that only a person may judge.

    `successor`: machine or disk take the place of dead ones, so the brick may be bare.
    """
    if known_volume.is_dir():
        if successor and is_bare(brick):
            return None if brick.is_dir() else _("make {path}").format(path=brick)
        _must_belong_to_volume(brick)
        return None
    if not brick.is_dir():
        return _("make {path}").format(path=brick)
    if not _attributes(brick) & {_VOLUME_ID, _GFID}:
        return None
    if leftovers := _names(brick):
        text = _(
            "{brick} holds the files of a volume ({file} ...) that this machine does not know: to keep them, copy them "
            "elsewhere; then empty {brick} and apply again"
        )
        raise CommandFailed(text.format(brick=brick, file=leftovers[0]))
    return _("clear what an interrupted installation left in the brick")


def is_bare(brick: Path) -> bool:
    """Tell whether no file of the volume is there: no directory, or one with nothing but Gluster's own folder."""
    return not brick.is_dir() or not _names(brick)


def mark(brick: Path, volume_id: str) -> None:
    """Make a bare directory the brick of a volume, as Gluster does when it creates one."""
    (brick / _INDICES).mkdir(mode=0o600, parents=True, exist_ok=True)
    os.setxattr(brick, _VOLUME_ID, UUID(volume_id).bytes)


def make(brick: Path) -> None:
    """Make the brick, or clear it of an interrupted installation's marks."""
    brick.mkdir(parents=True, exist_ok=True)
    _must_bear_attributes(brick)
    for name in _attributes(brick) & {_VOLUME_ID, _GFID}:
        os.removexattr(brick, name)


def _must_belong_to_volume(brick: Path) -> None:
    if not brick.is_dir() or _VOLUME_ID not in _attributes(brick):
        text = _(
            "{brick} is not the brick of the volume {volume}: is its disk mounted? It is not made anew, since Gluster "
            "would heal a whole copy into the wrong place; for a replaced disk: relevo replace NODE --disk"
        )
        raise CommandFailed(text.format(brick=brick, volume=STORAGE_VOLUME))


def _must_bear_attributes(brick: Path) -> None:
    try:
        os.setxattr(brick, _TRIAL, b"1")
        os.removexattr(brick, _TRIAL)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "error")
        text = _("the file system of {brick} takes no trusted attributes ({error}): put storage.brick on ext4 or xfs")
        raise CommandFailed(text.format(brick=brick, error=name)) from None


def _names(brick: Path) -> list[str]:
    return [entry.name for entry in brick.iterdir() if entry.name != ".glusterfs"]


def _attributes(brick: Path) -> set[str]:
    return set(os.listxattr(brick))

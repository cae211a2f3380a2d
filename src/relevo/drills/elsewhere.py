"""A mail store of somebody else, on the machine outside; and the operator's file with it in the place of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from relevo.cluster.model import StorageSection
from relevo.cluster.other_storage import with_storage
from relevo.deploy.shell import CommandFailed
from relevo.drills.vocabulary import World
from relevo.lab.contract import CLIENT
from relevo.lab.plan import plan_network

_MOVE_SECONDS = 900.0
_VOLUME, _BRICK = "elsewhere", "/srv/elsewhere"
_TEXT = "moving.toml"  # beside the operator's own file, since the secrets are beside it as well


class Place(NamedTuple):
    """A mail store, and the operator's file that names it."""

    file: Path
    storage: StorageSection


def home(world: World) -> Place:
    """Return where the mail is, by the operator's own file."""
    return Place(world.platform.file, world.cluster.storage)


@contextmanager
def elsewhere(world: World) -> Iterator[Place]:
    """Have another place for the mail; in the end it is at home, and the place is taken away.

    Where it can't be brought home the place stays, with the mail in it.
    """
    own = home(world)
    storage = _other_store(world)
    with _file_naming(world, storage) as file:
        try:
            yield Place(file, storage)
        finally:
            if world.cluster.storage != own.storage:
                move(world, own)
            _take_away(world)


def move(world: World, place: Place) -> None:
    """Move the mail there; from then on the world has it there."""
    world.platform.relevo("storage", "move", place.storage.kind, within=_MOVE_SECONDS, file=place.file)
    world.cluster = world.cluster.with_storage(place.storage)


def _other_store(world: World) -> StorageSection:
    """Make a store on the machine outside, of GlusterFS as well: it is what the lab's kernel can mount."""
    address = plan_network(world.cluster).address(CLIENT)
    _on_client(world, "systemctl", "start", "glusterd.service")
    _on_client(world, "mkdir", "--parents", _BRICK)
    _gluster(world, "create", _VOLUME, f"{address}:{_BRICK}", "force")  # refused where one has stayed, with mail in it
    try:
        _gluster(world, "start", _VOLUME)
    except BaseException:
        _take_away(world)
        raise
    return world.cluster.storage.model_copy(update={
        "kind": "external", "external_source": f"{address}:/{_VOLUME}", "external_type": "glusterfs",
        "external_options": "nodev,nosuid",
    })


def _take_away(world: World) -> None:
    for step in (("stop", _VOLUME), ("delete", _VOLUME)):
        with suppress(CommandFailed):
            _gluster(world, *step)
    with suppress(CommandFailed):
        _on_client(world, "systemctl", "stop", "glusterd.service")
    with suppress(CommandFailed):
        _on_client(world, "rm", "--recursive", "--force", _BRICK)


@contextmanager
def _file_naming(world: World, storage: StorageSection) -> Iterator[Path]:
    """Have a cluster file that names another store."""
    own = world.platform.file
    path = own.with_name(_TEXT)
    path.write_text(with_storage(own.read_text(encoding="utf-8"), str(path), storage), encoding="utf-8")
    try:
        yield path
    finally:
        path.unlink()


def _gluster(world: World, *step: str) -> None:
    _on_client(world, "gluster", "--mode=script", "volume", *step)


def _on_client(world: World, *command: str) -> None:
    world.platform.run(CLIENT, command, within=60, stdin=None)

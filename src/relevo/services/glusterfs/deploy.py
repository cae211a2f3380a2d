"""Converge GlusterFS: each machine gets daemon and brick; the first mail node joins them and makes the volume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import STORAGE_VOLUME
from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import run, succeeds, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.glusterfs import brick, successor, volume
from relevo.services.glusterfs.render import daemon_file, render
from relevo.services.glusterfs.settings import UNIT, brick_of

_HEAL_SECONDS = 300


def deploy(ctx: Context) -> None:
    """Converge this machine's part of the storage."""
    config_tree(render(ctx))
    path = Path(ctx.cluster.storage.brick)
    step(_("brick"), lambda: brick.needed(path, successor=successor.is_successor()), lambda: brick.make(path))
    _read_unit_file()
    unit(UNIT, files=[daemon_file()], start=_start(ctx.cluster, ctx.node), ready=_answers)
    step(_("place in the volume"), lambda: successor.place_needed(ctx.cluster, ctx.node), lambda: _take_place(ctx))
    if ctx.node.name == ctx.cluster.mail_nodes[0].name:
        _volume(ctx.cluster)


def _read_unit_file() -> None:
    """Have systemd read a changed drop-in without a restart: that would end this machine's brick for nothing."""

    def needed() -> str | None:
        stale = run(["systemctl", "show", "--value", "-p", "NeedDaemonReload", UNIT]).strip() == "yes"
        return _("read the changed unit file") if stale else None

    step(_("unit file"), needed, lambda: run(["systemctl", "daemon-reload"]))


def _start(cluster: Cluster, node: Node) -> Callable[[str], None]:
    """Return what starts or restarts glusterd; a restart ends this machine's brick, too (Debian's KillMode).

    So it waits until the two others have everything, and afterwards until this one has it again: the next machine is
    not touched while a copy is behind. A successor has no brick that anybody could miss yet.
    """
    own = brick_of(cluster, node)

    def start(verb: str) -> None:
        now = volume.volume()
        stands = now is not None and now.status == "Started"
        serving = verb == "restart" and stands and not successor.is_successor()
        if serving:
            _wait(lambda: volume.can_do_without(cluster, own), _("the other machines' bricks to be online and whole"))
        run(["systemctl", verb, UNIT])
        if serving:
            _wait(lambda: volume.is_whole(cluster), _("all bricks to be online and whole"))

    return start


def _wait(condition: Callable[[], bool], what: str) -> None:
    what = _("{what} (see `gluster volume heal {volume} info`)").format(what=what, volume=STORAGE_VOLUME)
    wait_until(condition, within=_HEAL_SECONDS, what=what, every=0.5)


def _answers() -> None:
    wait_until(lambda: succeeds(["gluster", "--mode=script", "pool", "list"]), within=60, what=_("glusterd to answer"))
    successor.wait_until_known()


def _take_place(ctx: Context) -> None:
    successor.take_place(ctx.cluster, ctx.node)


def _volume(cluster: Cluster) -> None:
    """Peers, volume, options, start: in this order, so that no client ever mounts a volume without its options."""

    def peers_needed() -> str | None:
        missing = volume.missing_peers(cluster)
        return _("join {missing}").format(missing=", ".join(missing)) if missing else None

    def create_needed() -> str | None:
        return None if volume.volume() else _("replica 3 with arbiter over the three machines")

    def options_needed() -> str | None:
        wrong = volume.wrong_options(cluster)
        return ", ".join(f"{name}={value}" for name, value in wrong.items()) or None

    def start_needed() -> str | None:
        now = volume.volume()
        return None if now and now.status == "Started" else _("start")

    step(_("storage peers"), peers_needed, lambda: volume.join_peers(cluster))
    step(_("volume {name}").format(name=STORAGE_VOLUME), create_needed, lambda: volume.create(cluster))
    step(_("options of {name}").format(name=STORAGE_VOLUME), options_needed, lambda: volume.set_options(cluster))
    step(_("start of {name}").format(name=STORAGE_VOLUME), start_needed, lambda: volume.start(cluster))

"""`relevo reboot` and `relevo upgrade`: work on the machines themselves, one after the other, without an outage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cluster.load import load
from relevo.cluster.model import Node
from relevo.deploy.ssh import Ssh
from relevo.i18n import _
from relevo.operate.maintenance import Maintenance

_PENDING = 3  # the exit code of `relevo plan`, too


def reboot(
    node: Annotated[str, typer.Argument(metavar="NODE", help=_("the machine to reboot"))],
    file: FileOption = None,
) -> None:
    """Reboot a machine: drained before, put back when it is whole again."""
    with _maintenance(file) as work:
        machine = work.node(node)
        with work.spared(machine):
            work.reboot(machine)
    prose.print(_("{node} was rebooted, and all is whole.").format(node=node))


def replace(
    node: Annotated[str, typer.Argument(metavar="NODE", help=_("the dead machine, whose place a bare one takes"))],
    file: FileOption = None,
    disk: Annotated[
        bool, typer.Option("--disk", help=_("only the disk of its copy of the mail is new, empty and mounted"))
    ] = False,
) -> None:
    """Make a bare machine, of a dead one's name and address, a whole part of the platform."""
    from relevo.cli.apply import converge  # noqa: PLC0415 - pyinfra takes half a second to load

    path = cluster_file(file)
    with _maintenance(file) as work:
        successor = work.successor(work.node(node))
        successor.demand_fit(disk=disk)
        successor.prepare(disk=disk)
    converge(path, f"replace {node}")
    with _maintenance(file) as work:
        successor = work.successor(work.node(node))
        successor.ask_for_copies()
        work.until_copied(work.node(node))
        successor.finish()
    prose.print(_("{node} has taken the place of the dead one, and all is whole.").format(node=node))


def upgrade(
    file: FileOption = None,
    check: Annotated[bool, typer.Option("--check", help=_("show what would be upgraded; exit 3 if anything"))] = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NODE", help=_("only this machine"))] = None,
    always_reboot: Annotated[
        bool, typer.Option("--reboot", help=_("reboot also where no package asks for it"))
    ] = False,
) -> int:
    """Install the distribution's updates, the standby first; stop where the platform does not become whole."""
    with _maintenance(file) as work:
        nodes = [node for node in work.in_order() if not only or node.name in {work.node(name).name for name in only}]
        pending = {node.name: _pending(work, node) for node in nodes}
        if check:
            return _PENDING if any(pending.values()) else 0
        for node in nodes:
            if pending[node.name] or always_reboot:
                _upgrade(work, node, always_reboot=always_reboot)
    prose.print(_("All machines are up to date, and all is whole."))
    return 0


def _pending(work: Maintenance, node: Node) -> int:
    found = work.pending(node)
    prose.print(_("{node}: {count} packages to upgrade").format(node=node.name, count=len(found)))
    for one in found:
        prose.print(f"  {one.package} {one.old} -> {one.new}", markup=False)
    return len(found)


def _upgrade(work: Maintenance, node: Node, *, always_reboot: bool) -> None:
    with work.spared(node):
        work.upgrade(node)
        if always_reboot or work.wants_reboot(node):
            work.reboot(node)


@contextmanager
def _maintenance(file: FileOption) -> Iterator[Maintenance]:
    path = cluster_file(file)
    cluster = load(path)
    with Ssh(cluster, path.parent) as ssh:
        yield Maintenance(cluster, ssh, lambda sentence: prose.print(sentence, markup=False))

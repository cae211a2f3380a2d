"""`relevo recover database`: bring the database cluster back when it can't form by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cluster.load import load
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.recover import DatabaseRecovery, Position, Recovery, Way, cluster_lock, decide

app = typer.Typer(no_args_is_help=True, help=_("Bring back what can't come back by itself."))


@app.callback()
def recover() -> None:
    """Bring back what can't come back by itself."""


@app.command()
def database(
    file: FileOption = None,
    source: str = typer.Option("", "--from", metavar="NODE", help=_("go on with this node's data, whatever it holds")),
    lost: list[str] = typer.Option([], "--lost", metavar="NODE", help=_("a machine that will not come back soon")),
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("do not ask"))] = False,
) -> None:
    """Find the node whose database went furthest, and begin the cluster again from it."""
    path = cluster_file(file)
    cluster = load(path)
    with Ssh(cluster, path.parent) as ssh:
        work = DatabaseRecovery(cluster, ssh, lambda sentence: prose.print(f"  {sentence}"), lost)
        with cluster_lock(work.reach(), ssh, "recover database"):
            _recover(work, source, lost, yes=yes)


def _recover(work: DatabaseRecovery, source: str, lost: Sequence[str], *, yes: bool) -> None:
    positions = work.look()
    prose.print(_table(positions))
    try:
        recovery = decide(positions, lost, source)
    except RelevoError:
        work.leave()
        raise
    prose.print(_sentence(recovery))
    if recovery.way is Way.NOTHING:
        return
    if not yes and not typer.confirm(_("Do it?"), err=True):
        work.leave()
        raise typer.Exit(1)
    work.act(recovery)
    prose.print(_("Next: relevo status shows how the platform is."))


def _table(positions: Sequence[Position]) -> Table:
    table = Table()
    for title in (_("node"), _("database"), _("position")):
        table.add_column(title, overflow="fold")
    for position in positions:
        if position.serves:
            table.add_row(position.node, _("serves"), "")
        elif position.has_data:
            table.add_row(position.node, _("stopped"), f"{position.uuid}:{position.seqno}")
        else:
            table.add_row(position.node, _("empty"), "")
    return table


def _sentence(recovery: Recovery) -> str:
    others = ", ".join(recovery.others) or "-"
    if recovery.way is Way.NOTHING:
        return _("The database serves on every mail node: there is nothing to recover.")
    if recovery.way is Way.REJOIN:
        return _("The cluster runs on {source}; started and joined to it: {others}.").format(
            source=recovery.source, others=others
        )
    return _("{source} went furthest: the cluster begins there again, and these get its data: {others}.").format(
        source=recovery.source, others=others
    )

"""`relevo storage move`: take the mail to another kind of storage."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cluster.load import load
from relevo.cluster.other_storage import with_storage
from relevo.deploy.ssh import Ssh
from relevo.errors import UsageError
from relevo.i18n import _
from relevo.operate.moving import StorageMove
from relevo.operate.recover import cluster_lock
from relevo.operate.storage_move import Step

app = typer.Typer(no_args_is_help=True, help=_("Where mailboxes and queues are."))


@app.callback()
def storage() -> None:
    """Where mailboxes and queues are."""


@app.command()
def move(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_("the kind that the cluster file names now"))],
    file: FileOption = None,
) -> None:
    """Take the mail to the store that the cluster file names; mail is paused while the last of it is copied."""
    path = cluster_file(file)
    cluster = load(path)
    if kind != cluster.storage.kind:
        text = _('the cluster file says kind = "{kind}": write there where the mail is to go, and name the same here')
        raise UsageError(text.format(kind=cluster.storage.kind))
    why = f"storage move {kind}"
    with Ssh(cluster, path.parent) as ssh:
        work = StorageMove(cluster, ssh, lambda sentence: prose.print(sentence, markup=False))
        step = work.look()
        if step is Step.NOTHING:
            prose.print(_("The mail is in {kind} already: nothing to move.").format(kind=kind))
            return
        if step is Step.SWITCH:
            with work.going_on():
                _switch(work, path, why)
        else:
            _begin(work, path, why, ssh, resume=step is Step.RESUME)
        work.finish()
    prose.print(_("The mail is in {kind} now, and all is whole.").format(kind=kind))
    if old := work.where_old():
        prose.print(old, markup=False)
        prose.print(_("Nothing was deleted there; docs/how-to/move-the-storage.md says how to remove it."))


def _begin(work: StorageMove, path: Path, why: str, ssh: Ssh, *, resume: bool) -> None:
    """Build the new store beside the old one, copy, pause, copy the rest, switch."""
    from relevo.cli.apply import converge  # noqa: PLC0415 - pyinfra takes half a second to load

    peers = load(path).peers
    with cluster_lock(peers, ssh, why):
        if resume:
            work.resume()
        work.demand_well()
    prose.print(_("The new store is built beside the old one; mail flows meanwhile."))
    converge(path, why, with_storage(path.read_text(encoding="utf-8"), str(path), work.building))
    with ExitStack() as lock:
        lock.enter_context(cluster_lock(peers, ssh, why))
        work.demand_well(built=True)
        with work.copied() as copy, work.paused():
            copy.last()
            copy.compare()
            copy.clear()
            lock.close()  # the workers of the switch take it
            _switch(work, path, why)


def _switch(work: StorageMove, path: Path, why: str) -> None:
    """Give the machines the new store, and let the services start on it."""
    from relevo.cli.rolling import rolling  # noqa: PLC0415 - pyinfra takes half a second to load
    from relevo.cluster.model import Node  # noqa: PLC0415
    from relevo.deploy.events import Event  # noqa: PLC0415

    with rolling(path, why, moved=True) as (rollout, progress):
        def heard(node: Node, event: Event) -> None:
            progress.changed(node, event)
            work.heard(node, event)

        work.commit()
        rollout.switch(heard, work.active.name)

"""`relevo switchover`, `drain` and `undrain`: planned work, without an outage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cluster.load import load
from relevo.deploy.ssh import Ssh
from relevo.i18n import _
from relevo.operate import planned
from relevo.operate.planned import Agents
from relevo.operate.recover import cluster_lock


def switchover(
    node: Annotated[str, typer.Argument(metavar="[NODE]", help=_("who is to have the virtual IP: the standby"))] = "",
    file: FileOption = None,
) -> None:
    """Move the virtual IP to the standby; sessions of mail that is coming in end on the old node."""
    with _agents(file, "switchover", "") as agents:
        now, moved = planned.switch_over(agents, node)
    said = _("{node} has the virtual IP now.") if moved else _("{node} has the virtual IP already: nothing to do.")
    prose.print(said.format(node=now.name))


def drain(
    node: Annotated[str, typer.Argument(metavar="NODE", help=_("the mail node to be worked on"))],
    file: FileOption = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=_("even when the other mail node is not ready"))] = False,
) -> None:
    """Take a mail node out of service: it stays the standby, over reboots, until undrain."""
    with _agents(file, f"drain {node}", node if anyway else "") as agents:
        active = planned.drain(agents, node, anyway=anyway)
    prose.print(_("{node} is drained; {active} has the virtual IP.").format(node=node, active=active.name))
    prose.print(_("Next: when the work is done, relevo undrain {node}").format(node=node))


def undrain(
    node: Annotated[str, typer.Argument(metavar="NODE", help=_("the mail node to put back into service"))],
    file: FileOption = None,
) -> None:
    """Put a drained mail node back into service, as the standby; earlier failovers hold it back no longer."""
    with _agents(file, f"undrain {node}", node) as agents:
        active = planned.undrain(agents, node)
    prose.print(_("{node} is in service again; {active} has the virtual IP.").format(node=node, active=active.name))


@contextmanager
def _agents(file: FileOption, what: str, only: str) -> Iterator[Agents]:
    """Open the way to the agents, with a lock on both mail nodes, or on the only one that takes part."""
    path = cluster_file(file)
    cluster = load(path)
    locked = [node for node in cluster.mail_nodes if only in {"", node.name}]
    with Ssh(cluster, path.parent) as ssh, cluster_lock(locked, ssh, what):
        yield Agents(cluster, ssh)

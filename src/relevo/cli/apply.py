"""`relevo apply`: make the machines what the cluster file says."""

from __future__ import annotations

from pathlib import Path

import typer

from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cli.rolling import rolling
from relevo.deploy.plan import Plan
from relevo.i18n import _, ngettext


def apply(
    file: FileOption = None,
    why: str = typer.Option(
        "apply", "--why", help=_("a word for the journal and for whoever finds the cluster locked")
    ),
) -> None:
    """Make the machines what the cluster file says. What an interrupted run left is finished by the next."""
    made = converge(cluster_file(file), why)
    count = len(made.to_json())
    if made.empty:
        prose.print(_("Nothing had to change."))
    else:
        prose.print(ngettext("{n} change made.", "{n} changes made.", count).format(n=count))
    prose.print(_("Next: relevo status shows how the platform is, relevo drill proves what it survives."))


def converge(path: Path, why: str, text: str | None = None) -> Plan:
    """Apply a cluster file with progress on stderr; return what was changed.

    `text`: what the machines get in its place, while the mail is being moved.
    """
    with rolling(path, why, text=text) as (rollout, progress):
        return rollout.apply(progress.changed)

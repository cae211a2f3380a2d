"""`relevo plan`: what would an apply change?"""

from __future__ import annotations

import json

from rich.syntax import Syntax
from rich.text import Text

from relevo.cli.common import FileOption, FormatOption, cluster_file, data, prose
from relevo.cli.rolling import rolling
from relevo.deploy.plan import Plan
from relevo.i18n import _, ngettext

PENDING = 3


def plan(file: FileOption = None, format: FormatOption = "table") -> int:  # noqa: A002 - the option's name
    """Show, per machine, what an apply would change, with the differences of files; exit 3 when something would."""
    with rolling(cluster_file(file), "plan") as (rollout, progress):
        found = rollout.plan(progress.heard)
    if format == "json":
        data.print_json(json.dumps(found.to_json()))
    else:
        _show(found)
    if found.empty:
        prose.print(_("Nothing would change."))
        return 0
    count = len(found.to_json())
    prose.print(ngettext("{n} change. Next: relevo apply", "{n} changes. Next: relevo apply", count).format(n=count))
    return PENDING


def _show(found: Plan) -> None:
    for node, changes in found.changes.items():
        if not changes:
            data.print(f"[bold]{node}[/bold]: {_('nothing would change')}")
            continue
        data.print(f"[bold]{node}[/bold]")
        for change in changes:
            data.print(
                Text.assemble(
                    ("  ~ ", "yellow"), (f"{change.service}: ", "bold"), change.step, " ", (change.detail, "dim")
                )
            )
            if change.diff:
                data.print(
                    Syntax(change.diff, "diff", background_color="default", word_wrap=True)
                    if data.is_terminal
                    else Text(change.diff)
                )

"""`relevo history`: what happened to the virtual IP, when to the millisecond, and why?"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

from rich.markup import escape
from rich.table import Table
from typer import Option

from relevo.cli.common import FileOption, FormatOption, cluster_file, data
from relevo.cluster.load import load
from relevo.cluster.wires import CLUSTER_FILE
from relevo.deploy.ssh import Ssh
from relevo.i18n import _
from relevo.operate.daemon_words import told
from relevo.operate.history import Event, History, ask_here, ask_over_ssh
from relevo.operate.words import event_name

_PAUSE_SECONDS = 60.0  # after so long without an event the next one begins another story


def history(
    file: FileOption = None,
    format: FormatOption = "table",  # noqa: A002 - the option's name
    last: Annotated[int, Option("--last", min=1, help=_("How many events to show."))] = 50,
) -> int:
    """Show each failover as a row of events of all machines: when, on which, what, and why."""
    found = _ask(cluster_file(file))
    shown = found.events[-last:]
    if format == "json":
        rows = [asdict(event) for event in shown]
        data.print_json(json.dumps({"events": rows, "problems": found.problems}))
        return 0
    if shown:
        data.print(_table(shown))
    else:
        data.print(_("Nothing has happened yet."))
    for problem in found.problems:
        data.print(f"[yellow]{escape(problem)}[/yellow]")
    return 0


def _ask(path: Path) -> History:
    cluster = load(path)
    if path == Path(CLUSTER_FILE):
        return ask_here(platform.node().partition(".")[0])
    with Ssh(cluster, path.parent) as ssh:
        return ask_over_ssh(cluster, ssh)


def _table(shown: tuple[Event, ...]) -> Table:
    """Return the events; after a pause a blank line, and the seconds since the first of its story in each row."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("time"), _("since"), _("machine"), _("what"), _("why")):
        table.add_column(title, overflow="fold")
    began = before = shown[0].at
    for event in shown:
        if event.at - before > _PAUSE_SECONDS:
            began = event.at
            table.add_row()
        before = event.at
        time = datetime.fromtimestamp(event.at).astimezone().isoformat(" ", "milliseconds")[:23]
        table.add_row(time, f"+{event.at - began:.3f} s", event.node, event_name(event.event), escape(told(event.why)))
    return table

"""`relevo notify test`: would people learn of a failure?"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from relevo.alerts.ways import FILE_NAME, read
from relevo.cli.common import FileOption, FormatOption, cluster_file, data, prose
from relevo.cluster.load import load
from relevo.cluster.wires import CLUSTER_FILE
from relevo.i18n import _
from relevo.operate.notifications import Trial, try_from_here, try_on_this_node, try_there

app = typer.Typer(no_args_is_help=True, help=_("Tell people when something fails."))


@app.callback()
def notify() -> None:
    """Tell people when something fails."""


@app.command("test")
def trial(
    file: FileOption = None,
    format: FormatOption = "table",  # noqa: A002 - the option's name
    here: Annotated[bool, typer.Option("--here", help=_("from this machine, not from the storage machine"))] = False,
) -> int:
    """Send a test over every way of notify.urls, and say of each whether it got through."""
    path = cluster_file(file)
    trials = _trials(path, here=here)
    if format == "json":
        data.print_json(json.dumps({"ways": [{**asdict(trial), "works": not trial.why} for trial in trials]}))
    elif trials:
        data.print(_table(trials))
    else:
        text = _("There is no way to anybody: write to whom into {file}, then relevo apply.")
        prose.print(text.format(file=FILE_NAME))
    return 0 if trials and not any(trial.why for trial in trials) else 1


def _trials(path: Path, *, here: bool) -> tuple[Trial, ...]:
    cluster = load(path)
    if here:
        return try_from_here(cluster, read(path.parent / FILE_NAME), platform.node().partition(".")[0])
    if path == Path(CLUSTER_FILE):
        return try_on_this_node()
    return try_there(cluster, path.parent)


def _table(trials: tuple[Trial, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("line"), _("kind"), _("test")):
        table.add_column(title, overflow="fold")
    for trial in trials:
        told = Text(trial.why, style="red") if trial.why else Text(_("got through"), style="green")
        table.add_row(str(trial.line), trial.scheme, told)
    return table

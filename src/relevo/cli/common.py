"""What several verbs share: the option for the cluster file, and where prose goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from rich.console import Console

from relevo.cluster.wires import CLUSTER_FILE
from relevo.i18n import _

DEFAULT_FILE = Path("relevo.toml")
LAB_FILE = Path(".lab/relevo.toml")

FileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--file", "-f", envvar="RELEVO_FILE", help=_("the cluster file; ./relevo.toml when it is not given")),
]
Format: TypeAlias = Literal["table", "json"]
FormatOption: TypeAlias = Annotated[Format, typer.Option("--format", help=_("how data is written to stdout"))]

prose = Console(stderr=True, highlight=False, soft_wrap=True)  # progress and sentences
WHOLE = 10_000  # columns: a table is as wide as what is in it
_COLUMNS = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WHOLE  # in a pipe or a file nothing is cut
data = Console(highlight=False, soft_wrap=True, width=_COLUMNS)  # what another program may read


def cluster_file(given: Path | None) -> Path:
    """Return the cluster file: the one given, ./relevo.toml, the lab's beside us, or the one of this node."""
    if given:
        return given
    for candidate in (DEFAULT_FILE, LAB_FILE, Path(CLUSTER_FILE)):
        if candidate.exists():
            return candidate
    return DEFAULT_FILE

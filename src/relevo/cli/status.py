"""`relevo status`: who is active, why, and what would happen if a machine died now?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from relevo.cli.common import FileOption, Format, FormatOption, cluster_file, data
from relevo.cli.status_text import parts
from relevo.cli.status_watch import Lines, Screen, watch
from relevo.cluster.load import load
from relevo.cluster.model import Cluster
from relevo.cluster.wires import CLUSTER_FILE
from relevo.deploy.ssh import Ssh
from relevo.errors import UsageError
from relevo.i18n import _
from relevo.operate.answers import ask_here, ask_one, ask_over_ssh, gather
from relevo.operate.poll import Poll
from relevo.operate.status import Report, judge

_WATCH_SECONDS = 2.0
_FIRST_SECONDS = 3.0  # a machine that has not answered by then is shown without an answer


def status(
    seconds: Annotated[float | None, typer.Argument(
        metavar="SECONDS", min=0.5, help=_("with --watch: how long to wait between two looks, 2 when not given"),
    )] = None,
    file: FileOption = None,
    format: FormatOption = "table",  # noqa: A002 - the option's name
    again: Annotated[bool, typer.Option("--watch", help=_("again and again, until Ctrl-C"))] = False,
    every_probe: Annotated[
        bool, typer.Option("--all", help=_("every probe by itself, and when it was last asked"))
    ] = False,
) -> int:
    """Show who holds the virtual IP, how every service is on every machine, and what if a machine died now.

    Exit code 1 when something that people need is wrong.
    """
    if seconds is not None and not again:
        raise UsageError(_("SECONDS goes with --watch"))
    path = cluster_file(file)
    cluster = load(path)
    if again:
        return _watch(cluster, path, format, seconds or _WATCH_SECONDS, every_probe=every_probe)
    report = _once(cluster, path)
    if format == "json":
        data.print_json(json.dumps(report.to_json()))
    else:
        for part in parts(report, every_probe=every_probe):
            data.print(part)
    return 0 if report.fine else 1


def _once(cluster: Cluster, path: Path) -> Report:
    """Ask the machines: on a machine of the cluster its own agent, elsewhere all of them over SSH."""
    if path == Path(CLUSTER_FILE):
        return judge(cluster, ask_here(cluster))
    with Ssh(cluster, path.parent) as ssh:
        return judge(cluster, ask_over_ssh(cluster, ssh))


def _watch(cluster: Cluster, path: Path, format_: Format, seconds: float, *, every_probe: bool) -> int:
    """Show it until Ctrl-C, in place on a terminal; return what the last one says."""
    shows: Lines | Screen = Lines(data, format_, every_probe=every_probe)
    if data.is_terminal and format_ == "table":
        wraps = Console(highlight=False)  # `data` leaves that to the terminal, which a picture in place can't
        shows = Screen(wraps, seconds, every_probe=every_probe)
    with _looking(cluster, path, seconds) as look, shows:
        return 0 if watch(look, shows.show, seconds) else 1


@contextmanager
def _looking(cluster: Cluster, path: Path, seconds: float) -> Iterator[Callable[[], Report]]:
    """Give a function that makes a report of what was said last; over SSH one that hangs holds up nothing."""
    if path == Path(CLUSTER_FILE):
        yield lambda: judge(cluster, ask_here(cluster))
        return
    with Ssh(cluster, path.parent) as ssh:
        ask = {node.name: partial(ask_one, ssh, node) for node in cluster.peers}
        with Poll(ask, lambda name: ask[name](), seconds) as poll:
            poll.wait_for_all(_FIRST_SECONDS)
            yield lambda: judge(cluster, gather(cluster, poll.said()))

"""`relevo status`: who is active, why, and what would happen if it died now?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from relevo.agent.verdict import BASE_PRIORITY
from relevo.cli.common import FileOption, FormatOption, cluster_file, data, prose
from relevo.cluster.load import load
from relevo.cluster.wires import CLUSTER_FILE
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.answers import ask_here, ask_over_ssh
from relevo.operate.status import Check, Machine, Report, judge

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


def status(
    file: FileOption = None,
    format: FormatOption = "table",  # noqa: A002 - the option's name
    watch: Annotated[
        float | None, typer.Option("--watch", metavar="SECONDS", min=0.5, help=_("again and again, until Ctrl-C"))
    ] = None,
) -> int:
    """Show who holds the virtual IP, how every service is on every machine, and what if a machine died now.

    Exit code 1 when something that people need is wrong.
    """
    path = cluster_file(file)
    if watch is not None:
        return _watch(path, format, watch)
    report = _report(path)
    _print(report, format)
    return 0 if report.fine else 1


def _watch(path: Path, format_: str, seconds: float) -> int:
    """Show it until Ctrl-C, in place on a terminal; return what the last one says."""
    fine, on_screen = False, data.is_terminal and format_ == "table"
    with data.screen() if on_screen else nullcontext(), suppress(KeyboardInterrupt):
        while True:
            fine = _once(path, format_, clear=on_screen)
            Event().wait(seconds)
    return 0 if fine else 1


def _once(path: Path, format_: str, *, clear: bool) -> bool:
    """Show it once; that nobody could be asked is something to see, too, and no reason to end."""
    try:
        report = _report(path)
    except RelevoError as error:
        prose.print(str(error), style="red", markup=False)
        return False
    if clear:
        data.clear()
    elif format_ == "table":
        data.print(datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S"), style="dim")
    _print(report, format_)
    return report.fine


def _print(report: Report, format_: str) -> None:
    if format_ == "json":
        data.print_json(json.dumps(report.to_json()))
    else:
        _show(report)


def _report(path: Path) -> Report:
    """Ask the machines: on a machine of the cluster its own agent, elsewhere all of them over SSH."""
    cluster = load(path)
    if path == Path(CLUSTER_FILE):
        return judge(cluster, ask_here(cluster))
    with Ssh(cluster, path.parent) as ssh:
        return judge(cluster, ask_over_ssh(cluster, ssh))


def _show(report: Report) -> None:
    cause = f", {report.cause}" if report.cause else ""
    for machine in report.holders:
        data.print(
            _("{node} holds the virtual IP {vip} for {time}: {why}").format(
                node=f"[bold green]{machine.name}[/bold green]", vip=report.vip,
                time=f"{duration(machine.holder_seconds)}{escape(cause)}", why=escape("; ".join(machine.why)),
            )
        )
    for text in dict.fromkeys(prospect.text for prospect in report.prospects):
        data.print(escape(_sentence(text)))
    data.print(_table(report.machines))
    _list(_("Wrong:"), "bold red", report.problems)
    _list(_("To see to:"), "yellow", report.warnings)
    if report.fine:
        data.print(f"[green]{_('All that people need works.')}[/green]")


def _table(machines: tuple[Machine, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("service"))
    for machine in machines:
        table.add_column(machine.name)
    table.add_row(_("role"), *(_role(machine) for machine in machines))
    for service in dict.fromkeys(check.service for machine in machines for check in machine.checks):
        table.add_row(service, *(_cell([c for c in m.checks if c.service == service]) for m in machines))
    return table


def _role(machine: Machine) -> str:
    if not machine.why:
        return f"[red]{_('silent')}[/red]"
    if machine.holder:
        return f"[green]{_('active')}[/green], {_('priority')} {machine.weight + BASE_PRIORITY}"
    if not machine.is_mail:
        return _("witness")
    return f"{_('standby')}, {_('priority')} {max(machine.weight + BASE_PRIORITY, 0)}"


def _cell(checks: list[Check]) -> str:
    """Say how one service is on one machine: which probes are bad, or since when all are good."""
    if not checks:
        return "[dim]-[/dim]"
    if bad := [check for check in checks if check.good is False]:
        color = "red" if any(check.vital for check in bad) else "yellow"
        names = ", ".join(check.name.split("/")[-1] for check in bad)
        return f"[{color}]{_('bad')} {duration(bad[0].seconds)}[/{color}] {escape(names)}"
    if any(check.good is None for check in checks):
        return f"[yellow]{_('not known yet')}[/yellow]"
    told = ", ".join(check.text for check in checks if not check.vital and check.text)
    since = min(check.seconds or 0 for check in checks)
    return f"[green]{_('good')}[/green] {duration(since)}{' · ' + escape(told) if told else ''}"


def _list(title: str, style: str, lines: Iterable[str]) -> None:
    if lines := tuple(lines):
        data.print(f"[{style}]{title}[/{style}]")
        for line in lines:
            data.print(f"  - {escape(line)}")


def duration(seconds: float | None) -> str:
    """Say a time span in its largest unit, e.g. `3 h`."""
    if seconds is None:
        return "?"
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

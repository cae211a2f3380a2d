"""The report of `relevo status` as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from relevo.agent.verdict import BASE_PRIORITY
from relevo.cli.common import WHOLE
from relevo.i18n import _
from relevo.operate.status import Check, Machine, Report
from relevo.operate.words import duration, holding, outlook


def parts(report: Report, *, every_probe: bool = False, screen: int = 0) -> Sequence[RenderableType]:
    """Return it piece by piece.

    With a `screen` it is for one of so many columns, and of few lines perhaps: what is wrong comes first, and the table
    says less than it could where it would not fit.
    """
    table = _probes(report.machines) if every_probe else _table(report.machines)
    if not screen:
        return (*_head(report), table, *_lists(report))
    if not every_probe and Console(width=WHOLE).measure(table).maximum > screen:
        table = _table(report.machines, brief=True)
    return (*_head(report), *_lists(report), table)


def _head(report: Report) -> Iterator[str]:
    for machine in report.holders:
        name = escape(machine.name)
        yield escape(holding(report, machine)).replace(name, f"[bold green]{name}[/bold green]", 1)
    for text in outlook(report):
        yield escape(text)


def _lists(report: Report) -> Iterator[str]:
    yield from _list(_("Wrong:"), "bold red", report.problems)
    yield from _list(_("To see to:"), "yellow", report.warnings)
    if report.fine:
        yield f"[green]{_('All that people need works.')}[/green]"


def _list(title: str, style: str, lines: Iterable[str]) -> Iterator[str]:
    if lines := tuple(lines):
        yield f"[{style}]{title}[/{style}]"
        yield from (f"  - {escape(line)}" for line in lines)


def _table(machines: tuple[Machine, ...], *, brief: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("service"), overflow="fold")
    for machine in machines:
        table.add_column(machine.name, overflow="fold")
    table.add_row(_("role"), *(_role(machine) for machine in machines))
    for service in dict.fromkeys(check.service for machine in machines for check in machine.checks):
        cells = (_cell([check for check in one.checks if check.service == service], brief=brief) for one in machines)
        table.add_row(service, *cells)
    return table


def _role(machine: Machine) -> str:
    if not machine.why:
        return f"[red]{_('silent')}[/red]"
    if machine.holder:
        return f"[green]{_('active')}[/green], {_('priority')} {machine.weight + BASE_PRIORITY}"
    if not machine.is_mail:
        return _("witness")
    return f"{_('standby')}, {_('priority')} {max(machine.weight + BASE_PRIORITY, 0)}"


def _cell(checks: list[Check], *, brief: bool) -> str:
    """Say how one service is on one machine: which probes are bad, or since when all are good."""
    if not checks:
        return "[dim]-[/dim]"
    if bad := [check for check in checks if check.good is False]:
        color = "red" if any(check.vital for check in bad) else "yellow"
        names = ", ".join(check.name.split("/")[-1] for check in bad)
        return f"[{color}]{_('bad')} {duration(bad[0].seconds)}[/{color}] {escape(names)}"
    if any(check.good is None for check in checks):
        return f"[yellow]{_('not known yet')}[/yellow]"
    told = "" if brief else ", ".join(dict.fromkeys(check.text for check in checks if not check.vital and check.text))
    since = min(check.seconds or 0 for check in checks)
    return f"[green]{_('good')}[/green] {duration(since)}{' · ' + escape(told) if told else ''}"


def _probes(machines: tuple[Machine, ...]) -> Table:
    """Return a row for each probe: since when it is good or bad, when it was last asked, and what it said."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("machine"), _("probe"), _("state"), _("asked"), _("took"), _("says")):
        table.add_column(title, overflow="fold")
    for machine in machines:
        if not machine.why:
            table.add_row(machine.name, "", f"[red]{_('silent')}[/red]")
        for check in machine.checks:
            asked = _("{time} ago").format(time=duration(check.age)) if check.age is not None else "-"
            took = f"{check.took * 1000:.0f} ms" if check.took is not None else "-"
            table.add_row(machine.name, escape(check.name), _state(check), asked, took, escape(check.text))
    return table


def _state(check: Check) -> str:
    if check.good is None:
        return f"[yellow]{_('not known yet')}[/yellow]"
    color = "green" if check.good else "red" if check.vital else "yellow"
    return f"[{color}]{_('good') if check.good else _('bad')}[/{color}] {duration(check.seconds)}"

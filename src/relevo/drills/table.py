"""Show a run on the screen: a table of all checks, and one of the figures when drills were repeated."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from relevo.drills.result import Check, DrillResult, Run, Verdict
from relevo.i18n import _, ngettext

_STYLE = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.NOT_RUN: "yellow"}


def word(verdict: Verdict) -> str:
    """Return a verdict in the reader's language."""
    return {Verdict.PASSED: _("passed"), Verdict.FAILED: _("FAILED"), Verdict.NOT_RUN: _("NOT RUN")}[verdict]


def show(run: Run) -> Group:
    """Return everything that is to be printed of a run."""
    repeated = any(len(spread.values) > 1 for spread in run.spreads())
    return Group(checks_table(run), *([figures_table(run)] if repeated else []), summary(run))


def checks_table(run: Run) -> Table:
    """Return the table of all checks, a section a drill."""
    table = Table(title=_("Acceptance drills against {address}").format(address=run.address), title_justify="left")
    for heading in (_("Check"), _("Tried"), _("Expected"), _("Obtained")):
        table.add_column(heading, overflow="fold")
    table.add_column(_("Figure"), justify="right", no_wrap=True)
    table.add_column(_("Verdict"), no_wrap=True)
    for result in run.results:
        table.add_row(Text(headline(result), "bold"), "", "", "", f"{result.seconds:.0f} s", _verdict(result.verdict))
        for check in result.checks:
            table.add_row(*_cells(check))
        table.add_section()
    return table


def figures_table(run: Run) -> Table:
    """Return minimum, median, aim and maximum of every figure over the runs; a median over its aim is red."""
    table = Table(title=_("Figures over all runs"), title_justify="left")
    for heading in (_("Drill"), _("Check")):
        table.add_column(heading, overflow="fold")
    for heading in (_("Runs"), _("Minimum"), _("Median"), _("Aim"), _("Maximum"), _("Failed")):
        table.add_column(heading, justify="right", no_wrap=True)
    for spread in run.spreads():
        low, middle, high = min(spread.values), spread.median, max(spread.values)
        least, median, aim, most = (
            "" if value is None else f"{value:.3g} {spread.unit}" for value in (low, middle, spread.aim, high)
        )
        style = "" if spread.reached else "bold red"
        cells = (least, Text(median, style), aim, most, str(spread.failed))
        table.add_row(spread.drill, Text(spread.check), str(len(spread.values)), *cells)
    return table


def summary(run: Run) -> Text:
    """Return the last line: what counts, and what to do next."""
    counts = run.counts()
    failed, skipped = counts[Verdict.FAILED], counts[Verdict.NOT_RUN]
    passed = counts[Verdict.PASSED]
    parts = [
        ngettext("{count} check passed", "{count} checks passed", passed).format(count=passed),
        ngettext("{count} failed", "{count} failed", failed).format(count=failed),
        ngettext("{count} not run", "{count} not run", skipped).format(count=skipped),
    ]
    if missed := len(run.missed()):
        parts.append(
            ngettext("{count} median over its aim", "{count} medians over their aims", missed).format(count=missed)
        )
    bad = [result.name for result in run.results if result.verdict is Verdict.FAILED]
    again = _("; again: relevo drill {names}").format(names=" ".join(dict.fromkeys(bad))) if bad else ""
    style = "bold red" if failed or missed else "bold yellow" if skipped else "bold green"
    return Text(", ".join(parts) + again, style)


def live_line(check: Check) -> Text:
    """Return what is shown as soon as a check is made: a line, and what the machines noted when it failed."""
    mark = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_RUN: "○"}[check.verdict]
    figure = f" ({check.figure})" if check.figure else ""
    detail = "" if check.verdict is Verdict.PASSED else f": {check.obtained}"
    noted = ("".join(f"\n      {line}" for line in check.noted), "dim")
    return Text.assemble((f"  {mark} ", _STYLE[check.verdict]), check.name, figure, detail, noted)


def headline(result: DrillResult) -> str:
    """Return a drill's title, with the number of its run when that is not the first."""
    if result.round == 1:
        return result.title
    return _("{title}, run {number}").format(title=result.title, number=result.round)


def _verdict(verdict: Verdict) -> Text:
    return Text(word(verdict), _STYLE[verdict])


def _cells(check: Check) -> tuple[Text, ...]:
    figure = str(check.figure) if check.figure else ""
    texts = (check.name, check.tried, check.expected, check.obtained, figure)
    return (*(Text(text) for text in texts), _verdict(check.verdict))

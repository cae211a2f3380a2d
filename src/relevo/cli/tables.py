"""What the commands that import and export tables share: `relevo mailbox import`, `relevo list export`, ..."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.markup import escape

from relevo.cli.accounts_common import run, say
from relevo.cli.common import prose
from relevo.errors import DirectoryError, UsageError
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.bulk.planning import Plan
    from relevo.directory.bulk.text import Mistake

SourceArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="FILE", help=_("a table (CSV) whose first line names its columns; - for stdin"))
]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help=_("only say what would be done"))]


def bring(ctx: typer.Context, kind: str, source: str, *, dry_run: bool, file: Path | None) -> int:
    """Import a table; on the operator's machine its text goes to the node by stdin, with the passwords in it."""
    text = _read(source)
    ctx.params["source"] = "-"

    def work() -> None:
        from relevo.directory.bulk.carrying import carry_out  # noqa: PLC0415 - needs a started Django
        from relevo.directory.bulk.kinds import KINDS  # noqa: PLC0415 - the same
        from relevo.directory.bulk.planning import plan  # noqa: PLC0415 - the same

        made = plan(KINDS[kind], text, None)
        _tell(made)
        if dry_run or not made.steps:
            return
        outcome = carry_out(made, tell=lambda outcome: prose.print(
            _("{done} of {all} rows").format(done=outcome.done, all=len(made.steps)), end="\r" if _live() else "\n"
        ))
        _list(outcome.refused)
        say(
            _("Added: {added}. Changed: {changed}.").format(added=outcome.added, changed=outcome.changed),
            f"relevo {kind} show",
        )
        if outcome.refused:
            raise DirectoryError(
                _("rows that were refused: {count}; the others stand. Mend them and import the file again")
                .format(count=len(outcome.refused))
            )

    return run(ctx, file, work, stdin=text)


def give(ctx: typer.Context, kind: str, *, domain: str, file: Path | None) -> int:
    """Export a table to stdout."""

    def work() -> None:
        from relevo.directory.bulk.exporting import export  # noqa: PLC0415 - needs a started Django
        from relevo.directory.bulk.kinds import KINDS  # noqa: PLC0415 - the same
        from relevo.directory.registry import find_domain  # noqa: PLC0415 - the same

        sys.stdout.write(export(KINDS[kind], None, domain=find_domain(domain).name if domain else ""))

    return run(ctx, file, work)


def _read(source: str) -> str:
    from relevo.directory.bulk.text import decode  # noqa: PLC0415 - other commands start faster without

    try:
        return decode(sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes())
    except OSError as error:
        raise UsageError(_("{file} can't be read: {reason}").format(file=source, reason=error.strerror)) from None


def _tell(made: Plan) -> None:
    _list(made.mistakes)
    if made.mistakes:
        raise DirectoryError(
            _("nothing was done; mistakes in the table: {count}, each above with its line").format(
                count=len(made.mistakes)
            )
        )
    say(
        _("To add: {added}. To change: {changed}. As the table says already: {left}.").format(
            added=made.added, changed=made.changed, left=made.left
        )
    )


def _list(mistakes: list[Mistake]) -> None:
    for mistake in mistakes:
        place = ", ".join(filter(None, (
            _("line {line}").format(line=mistake.line) if mistake.line else "", mistake.column,
        )))
        prose.print(escape(f"{place}: {mistake.message}" if place else mistake.message))


def _live() -> bool:
    return sys.stderr.isatty()

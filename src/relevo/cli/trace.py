"""`relevo trace`: who sent what to whom and what became of it, across both mail nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from relevo.cli.accounts_common import run, say, show_one
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption, data, prose
from relevo.errors import UsageError
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.trace.asking import Found

What = Annotated[str, typer.Argument(
    metavar="[ADDRESS|ID]", help=_("an address, a domain, a Message-ID, a queue id or an IP address"),
)]
_AGO = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def trace(
    ctx: typer.Context, what: What = "", *,
    sender: Annotated[str, typer.Option("--sender", help=_("an address, or @ and a domain"))] = "",
    recipient: Annotated[str, typer.Option("--recipient", help=_("an address, or @ and a domain"))] = "",
    client: Annotated[str, typer.Option("--client", help=_("the IP address it came from"))] = "",
    subject: Annotated[str, typer.Option("--subject", help=_("the whole subject, with or without Re:"))] = "",
    since: Annotated[str, typer.Option("--since", help=_("e.g. 2h, 3d, 2026-11-28 or 2026-11-28T09:30"))] = "",
    until: Annotated[str, typer.Option("--until", help=_("the same"))] = "",
    result: Annotated[str, typer.Option(
        "--result", help=_("delivered, deferred, bounced, rejected, virus, spam, expired, queued or deleted"),
    )] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("so many at most"))] = 50,
    after: Annotated[str, typer.Option("--after", metavar="PLACE", help=_("only those behind this one"))] = "",
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show which way messages took: who sent what to whom, and what became of it."""
    began, ended = _moment(since), _moment(until)

    def work() -> None:
        from relevo.directory.trace.asking import search  # noqa: PLC0415 - needs a started Django
        from relevo.directory.trace.filters import Filters  # noqa: PLC0415 - the same

        found = search(None, Filters(
            text=what, sender=sender, recipient=recipient, client=client, subject=subject, result=result, since=began,
            until=ended, after=after, limit=limit,
        ))
        _tell(found, format, alone=bool(what) and not found.next)

    return run(ctx, file, work)


def _tell(found: Found, output: str, *, alone: bool) -> None:
    """Tell what was found; of a single message all that happened to it."""
    from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
    from relevo.directory.trace.asking import find  # noqa: PLC0415 - the same

    if alone and len(found.traces) == 1:
        whole, seen = find(None, found.traces[0].id)
        told: Sequence[dict[str, Any]] = [describe_messages.whole_trace(whole)]
        troubles = seen.troubles
    else:
        told, troubles = [describe_messages.trace(one) for one in found.traces], found.troubles
    if output == "json":
        show_one(told)
    elif told:
        show_entries([_row(one) for one in told], _headings(), "table")
        _steps(told)
    for trouble in troubles:
        prose.print(trouble, markup=False)
    if found.next:
        say(_("There are older ones."), f"relevo trace --after {found.next}")
    elif not told and found.is_whole:
        say(_("Nothing was found."))


def _headings() -> dict[str, str]:
    return {
        "began": _("began"), "id": _("message"), "sender": _("sender"), "results": _("result"),
        "recipients": _("to, and what became of it"),
    }


def _row(told: Mapping[str, Any]) -> dict[str, object]:
    """Return a trace as a table shows it."""
    from relevo.directory.trace.words import result_name  # noqa: PLC0415 - needs a started Django

    lines = [f"{one['address']}: {result_name(one['result'])} {_why(one)}".rstrip() for one in told["recipients"]]
    others = told["other_recipients"]
    return {
        **told, "began": _local(told["began"]), "sender": "?" if told["sender"] is None else told["sender"] or "<>",
        "results": [result_name(one) for one in told["results"]],
        "recipients": [*lines, *([f"+{others}"] if others else [])],
    }


def _why(told: Mapping[str, Any]) -> str:
    return f"({told['what']})" if told["what"] else ""


def _steps(told: Sequence[Mapping[str, Any]]) -> None:
    """Write the steps of a message, each with the server's own lines."""
    for step in (step for one in told for step in one.get("steps", ())):
        times = f" ({step['count']})" if step["count"] > 1 else ""
        data.print(f"\n[bold]{_local(step['at'])}  {escape(step['node'])}  {escape(step['text'])}[/bold]{times}")
        if step["what"]:
            data.print(f"  {step['what']} {step['advice']}", markup=False)
        for line in step["lines"]:
            data.print(f"  {line}", markup=False, style="dim")


def _local(text: str) -> str:
    """Return a moment in this machine's time zone, which is named."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def _moment(text: str) -> datetime | None:
    """Return what a date, or a time ago, means; raise UsageError when it means nothing."""
    if not text:
        return None
    if found := _AGO.fullmatch(text.strip().lower()):
        return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise UsageError(
            _("{text!r} is no time: write 2h, 3d, 2026-11-28 or 2026-11-28T09:30").format(text=text)
        ) from None

"""`relevo quarantine`: what the filter refused, what is in it, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from relevo.cli.accounts_common import confirm, run, say, say_all, show_content, show_one
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Copies of what the filter refused: list, show, release, delete."))

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help=_("as `relevo quarantine list` shows them"))]


@app.command("list", help=_("List what was refused, the latest first, and why."))
def list_(
    ctx: typer.Context, *,
    search: Annotated[str, typer.Option("--search", help=_("words in addresses or subject"))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("so many at most"))] = 50,
    after: Annotated[int, typer.Option("--after", min=0, help=_("only those behind this number"))] = 0,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """List what was refused."""

    def work() -> None:
        from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
        from relevo.directory.quarantine.asking import listing  # noqa: PLC0415 - the same
        from relevo.directory.quarantine.sight import EVERYTHING  # noqa: PLC0415 - the same

        seen = listing(EVERYTHING, text=search, after=after, limit=limit)
        show_entries([_row(describe_messages.quarantined(one), format) for one in seen.copies], _headings(), format)
        if seen.after:
            say(
                _("{shown} of {all} are shown.").format(shown=len(seen.copies), all=seen.matching),
                f"relevo quarantine list --after {seen.after}",
            )
        elif not seen.copies:
            say(_("Nothing is there."))

    return run(ctx, file, work)


@app.command(help=_("Show one message: why it was refused, its headers, its text; attachments by their names only."))
def show(
    ctx: typer.Context, number: Annotated[str, typer.Argument(metavar="ID")], *,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one message."""

    def work() -> None:
        from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
        from relevo.directory.quarantine.asking import whole  # noqa: PLC0415 - the same
        from relevo.directory.quarantine.sight import EVERYTHING  # noqa: PLC0415 - the same

        found, content = whole(EVERYTHING, number)
        told = describe_messages.reading(found, content)
        if format == "json":
            show_one(told)
            return
        show_entries([_row(told, format)], _headings(), format)
        show_content(content)

    return run(ctx, file, work)


@app.command(help=_("Deliver messages after all, to those they were for and who have not got them."))
def release(ctx: typer.Context, ids: Ids, file: FileOption = None) -> int:
    """Deliver messages after all."""
    return run(ctx, file, lambda: _act("released", ids))


@app.command(help=_("Delete messages for good."))
def delete(
    ctx: typer.Context, ids: Ids, *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Delete messages for good."""
    confirm(_("Delete {ids} for good?").format(ids=", ".join(ids)), yes=yes)
    return run(ctx, file, lambda: _act("deleted", ids), options=["--yes"])


@app.command(help=_("Send owners the list of what was refused since their last one, now and not at the hour for it."))
def digest(
    ctx: typer.Context, *,
    owner: Annotated[str, typer.Option("--for", metavar="ADDRESS", help=_("to the owner of this mailbox alone"))] = "",
    file: FileOption = None,
) -> int:
    """Send owners their lists now."""

    def work() -> None:
        from relevo.directory.quarantine.digest.daily import now  # noqa: PLC0415 - needs a started Django

        say(now(owner))

    return run(ctx, file, work)


def _act(do: str, ids: Sequence[str]) -> None:
    from relevo.directory.quarantine.changing import act  # noqa: PLC0415 - needs a started Django
    from relevo.directory.quarantine.sight import EVERYTHING  # noqa: PLC0415 - the same
    from relevo.directory.quarantine.words import sentences  # noqa: PLC0415 - the same

    say_all(sentences(act(EVERYTHING, do, ids)), "relevo quarantine list")


def _headings() -> dict[str, str]:
    return {
        "id": _("message"), "at": _("refused"), "kind": _("why"), "score": _("points"), "sender": _("sender"),
        "subject": _("subject"), "recipients": _("for"),
    }


def _row(told: dict[str, object], output: str) -> dict[str, object]:
    """Return a message as a table shows it; JSON has it as it is."""
    if output == "json":
        return told
    given = told["recipients"]
    recipients = [
        f"{one['address']} ({one['state']})" if one["state"] else str(one["address"])
        for one in (given if isinstance(given, list) else [])
    ]
    return {**told, "sender": told["sender"] or "<>", "recipients": recipients}

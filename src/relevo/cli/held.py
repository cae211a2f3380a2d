"""`relevo list held|approve|refuse|discard`: posts that wait for an owner of their list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from relevo.cli.accounts_common import confirm, run, say, say_all, show_content, show_one
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, Format, FormatOption
from relevo.cli.lists import app
from relevo.i18n import _

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help=_("as `relevo list held` shows them"))]


@app.command(help=_("Show posts that wait for an owner of their list, or one of them with its text."))
def held(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="[ID]", help=_("all when not given"))] = "", *,
    search: Annotated[str, typer.Option("--search", help=_("words in list, sender, author or subject"))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("so many at most"))] = 50,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show posts that wait."""

    def work() -> None:
        if number:
            _show(number, format)
        else:
            _list(search, limit, format)

    return run(ctx, file, work)


@app.command(help=_("Let posts that wait through to the members of their list."))
def approve(ctx: typer.Context, ids: Ids, file: FileOption = None) -> int:
    """Let posts through."""
    return run(ctx, file, lambda: _act("approved", ids))


@app.command(help=_("Refuse posts that wait; their senders are told when it is known that the posts are from them."))
def refuse(
    ctx: typer.Context, ids: Ids, *,
    reason: Annotated[str, typer.Option("--reason", help=_("one line for the senders"))] = "",
    file: FileOption = None,
) -> int:
    """Refuse posts."""
    return run(ctx, file, lambda: _act("refused", ids, reason))


@app.command(help=_("Delete posts that wait; nobody is told."))
def discard(
    ctx: typer.Context, ids: Ids, *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Delete posts."""
    confirm(_("Delete {ids} for good?").format(ids=", ".join(ids)), yes=yes)
    return run(ctx, file, lambda: _act("deleted", ids), options=["--yes"])


def _list(search: str, limit: int, output: Format) -> None:
    from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
    from relevo.directory.held.asking import listing  # noqa: PLC0415 - the same
    from relevo.directory.held.sight import EVERYTHING  # noqa: PLC0415 - the same

    seen = listing(EVERYTHING, text=search, limit=limit)
    show_entries([_row(describe_messages.held_post(one), output) for one in seen.posts], _headings(), output)
    if seen.after:
        say(_("{shown} of {all} are shown.").format(shown=len(seen.posts), all=seen.matching))
    elif not seen.posts:
        say(_("No post waits."))


def _show(number: str, output: Format) -> None:
    from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
    from relevo.directory.held.asking import whole  # noqa: PLC0415 - the same
    from relevo.directory.held.sight import EVERYTHING  # noqa: PLC0415 - the same

    found, content = whole(EVERYTHING, number)
    told = describe_messages.whole_post(found, content)
    if output == "json":
        show_one(told)
        return
    show_entries([_row(told, output)], _headings(), output)
    show_content(content)


def _act(do: str, ids: Sequence[str], reason: str = "") -> None:
    from relevo.directory.held.deciding import act  # noqa: PLC0415 - needs a started Django
    from relevo.directory.held.sight import EVERYTHING  # noqa: PLC0415 - the same
    from relevo.directory.held.words import sentences  # noqa: PLC0415 - the same

    say_all(sentences(act(EVERYTHING, do, ids, reason)), "relevo list held")


def _headings() -> dict[str, str]:
    return {
        "id": _("message"), "list": _("list"), "at": _("came"), "sender": _("sender"), "subject": _("subject"),
        "state": _("state"),
    }


def _row(told: dict[str, object], output: Format) -> dict[str, object]:
    """Return a post as a table shows it; JSON has it as it is."""
    return told if output == "json" else {**told, "sender": told["sender"] or "<>"}

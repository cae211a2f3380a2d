"""`relevo queue`: what waits in the mail queues of both nodes, why, and what to do with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from relevo.cli.accounts_common import confirm, run, say, say_all, show_one
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption, prose
from relevo.errors import UsageError
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Mail queues of both nodes: list, show, retry, hold, release, delete."))

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help=_("as `relevo queue list` shows them"))]
SomeIds = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help=_("as `relevo queue list` shows them"))]


@app.command("list", help=_("List what waits, the oldest first, and why."))
def list_(
    ctx: typer.Context, *,
    search: Annotated[str, typer.Option("--search", help=_("words in id, addresses or reasons"))] = "",
    sender: Annotated[str, typer.Option("--sender", help=_("part of the sender; <> for bounces"))] = "",
    recipient: Annotated[str, typer.Option("--recipient", help=_("part of a recipient"))] = "",
    node: Annotated[str, typer.Option("--node", help=_("only the queue of this node"))] = "",
    state: Annotated[str, typer.Option("--state", help=_("incoming, active, deferred or hold"))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("so many at most"))] = 50,
    after: Annotated[str, typer.Option("--after", metavar="ID", help=_("only those behind this one"))] = "",
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """List what waits."""

    def work() -> None:
        from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
        from relevo.directory.queue.asking import Filters, listing  # noqa: PLC0415 - the same

        seen = listing(None, Filters(search, sender, recipient, node, state, after=after, limit=limit))
        show_entries([_row(describe_messages.queued(one), format) for one in seen.messages], _headings(), format)
        for trouble in seen.troubles:
            prose.print(trouble, markup=False)
        if seen.more:
            say(
                _("{shown} of {all} are shown.").format(shown=len(seen.messages), all=seen.matching),
                f"relevo queue list --after {seen.messages[-1]}",
            )
        elif not seen.messages and seen.is_whole:
            say(_("Nothing waits."))

    return run(ctx, file, work)


@app.command(help=_("Show one message: who it is for, why it waits, and its headers; never what is in it."))
def show(
    ctx: typer.Context, number: Annotated[str, typer.Argument(metavar="ID")], *,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one message."""

    def work() -> None:
        from relevo.directory import describe_messages  # noqa: PLC0415 - needs a started Django
        from relevo.directory.queue.asking import find, headers_of  # noqa: PLC0415 - the same
        from relevo.directory.queue.reasons import explain  # noqa: PLC0415 - the same

        found = find(None, number)
        headers = headers_of(found)
        told = {**describe_messages.queued(found), "headers": [list(pair) for pair in headers]}
        if format == "json":
            show_one(told)
            return
        show_entries([_row(told, format)], _headings(), format)
        sys.stdout.write("".join(f"\n{name}: {value}" for name, value in headers) + "\n")
        for advice in filter(None, dict.fromkeys(explain(one.reason).advice for one in found.recipients)):
            say(advice)

    return run(ctx, file, work)


@app.command(help=_("Try messages again now, or all that is deferred."))
def retry(
    ctx: typer.Context, ids: SomeIds = None, *,
    everything: Annotated[bool, typer.Option("--all", help=_("everything, on both nodes"))] = False,
    file: FileOption = None,
) -> int:
    """Try messages again."""
    if bool(ids) is everything:
        raise UsageError(_("name messages, or say --all"))

    def work() -> None:
        from relevo.directory.queue import changing  # noqa: PLC0415 - needs a started Django

        if ids:
            _act(changing.RETRY, ids)
            return
        for trouble in changing.retry_all(None):
            prose.print(trouble, markup=False)
        say(_("Everything is being tried now."), "relevo queue list")

    return run(ctx, file, work)


@app.command(help=_("Keep messages in the queue until they are released or deleted."))
def hold(ctx: typer.Context, ids: Ids, file: FileOption = None) -> int:
    """Keep messages in the queue."""
    return run(ctx, file, lambda: _act("hold", ids))


@app.command(help=_("Let messages go on that are on hold, now."))
def release(ctx: typer.Context, ids: Ids, file: FileOption = None) -> int:
    """Let messages go on."""
    return run(ctx, file, lambda: _act("release", ids))


@app.command(help=_("Delete messages for good; their senders are told nothing."))
def delete(
    ctx: typer.Context, ids: Ids, *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Delete messages for good."""
    question = _("Delete {ids} for good? Nobody gets them, and their senders are told nothing.")
    confirm(question.format(ids=", ".join(ids)), yes=yes)
    return run(ctx, file, lambda: _act("delete", ids), options=["--yes"])


def _act(do: str, ids: Sequence[str]) -> None:
    from relevo.directory.queue.changing import act  # noqa: PLC0415 - needs a started Django
    from relevo.directory.queue.words import sentences  # noqa: PLC0415 - the same

    say_all(sentences(act(None, do, ids)), "relevo queue list")


def _headings() -> dict[str, str]:
    return {
        "id": _("message"), "node": _("node"), "state": _("state"), "arrived": _("since"), "size": _("bytes"),
        "sender": _("sender"), "recipients": _("to, and why it waits"),
    }


def _row(told: dict[str, object], output: str) -> dict[str, object]:
    """Return a message as a table shows it; JSON has it as it is."""
    if output == "json":
        return told
    recipients = told["recipients"]
    lines = [_why(one) for one in (recipients if isinstance(recipients, list) else [])]
    others = int(str(told["more_recipients"])) + int(str(told["other_recipients"]))
    node = f"{told['node']} → {told['adopted_by']}" if told["adopted_by"] else told["node"]
    lines += [f"+{others}"] if others else []
    return {**told, "node": node, "sender": told["sender"] or "<>", "recipients": lines}


def _why(recipient: dict[str, str]) -> str:
    """Return whom a message is for and why it waits: in plain words, and in those of Postfix or the other server."""
    said = [recipient["what"], f"({recipient['reason']})"] if recipient["what"] else [recipient["reason"]]
    return ": ".join(filter(None, [recipient["address"], " ".join(said)]))

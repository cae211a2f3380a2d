"""`relevo token`: what programs show to use the API."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from relevo.cli.accounts_common import confirm, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Tokens of programs that use the API: add, list, remove."))

NUMBER = typer.Argument(metavar="NUMBER", help=_("as `relevo token list` shows it"))
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope", metavar="KIND:RIGHT",
        help=_("domains, mailboxes, aliases, lists, queue, quarantine, sender-rules or administrators, with :read or "
               ":write; trace, audit or status with :read; can be repeated; without it all that its administrator may "
               "read"),
    ),
]


@app.command(help=_("Make a token; it is written to stdout, once."))
def add(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=_("the administrator in whose name it acts"))], *,
    name: Annotated[str, typer.Option("--name", help=_("the program's, for the list"))], scope: Scopes = None,
    days: Annotated[int, typer.Option("--days", min=1, help=_("so long it is good"))] = 90, file: FileOption = None,
) -> int:
    """Make a token."""

    def work() -> None:
        from relevo.directory import tokens  # noqa: PLC0415 - needs a started Django

        made = tokens.add(address, name, scopes=scope or None, days=days)
        say(
            _("Token {number} for {name} is good until {day}. It is shown this once: keep it where {name} reads it.")
            .format(number=made.pk, name=made.name, day=f"{made.expires_at:%Y-%m-%d}"),
            "relevo token list",
        )
        sys.stdout.write(made.plain + "\n")

    return run(ctx, file, work)


@app.command("list", help=_("Show all tokens, but never their text."))
def list_(
    ctx: typer.Context, *, format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show all tokens."""

    def work() -> None:
        from relevo.directory import describe, tokens  # noqa: PLC0415 - needs a started Django

        headings = {
            "id": _("number"), "name": _("program"), "administrator": _("administrator"), "scopes": _("scopes"),
            "expires": _("good until"), "last_used": _("last used"),
        }
        show_entries([describe.token(entry) for entry in tokens.listing()], headings, format)

    return run(ctx, file, work)


@app.command(help=_("Remove a token: the program that has it is refused at once."))
def remove(
    ctx: typer.Context, number: Annotated[int, NUMBER], *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Remove a token."""
    confirm(_("Remove token {number}? The program that has it is refused at once.").format(number=number), yes=yes)

    def work() -> None:
        from relevo.directory import tokens  # noqa: PLC0415 - needs a started Django

        tokens.remove(number)
        say(_("Token {number} is removed.").format(number=number), "relevo token list")

    return run(ctx, file, work, options=["--yes"])

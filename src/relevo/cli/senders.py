"""`relevo sender`: senders that are allowed or blocked, for a mailbox, a domain, or all."""

from __future__ import annotations

from typing import Annotated

import typer

from relevo.cli.accounts_common import DomainOption, run, say, show
from relevo.cli.common import FileOption, FormatOption
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Senders that are allowed or blocked: allow, block, list, remove."))

Sender = Annotated[str, typer.Argument(metavar="SENDER", help=_("an address, or a domain for everybody in it"))]
For = Annotated[str, typer.Option("--for", metavar="WHOM", help=_("a mailbox or a domain of ours; * for all"))]


@app.command(help=_("Take mail of a sender more easily for good; viruses and forged mail stay refused."))
def allow(ctx: typer.Context, sender: Sender, recipient: For = "*", file: FileOption = None) -> int:
    """Allow a sender."""
    return run(ctx, file, lambda: _say("allow", sender, recipient))


@app.command(help=_("Refuse mail of a sender."))
def block(ctx: typer.Context, sender: Sender, recipient: For = "*", file: FileOption = None) -> int:
    """Block a sender."""
    return run(ctx, file, lambda: _say("block", sender, recipient))


@app.command(help=_("Take back what was said of a sender."))
def remove(ctx: typer.Context, sender: Sender, recipient: For = "*", file: FileOption = None) -> int:
    """Take back what was said."""

    def work() -> None:
        from relevo.directory import sender_rules  # noqa: PLC0415 - needs a started Django

        sender_rules.remove(sender_rules.find(sender, recipient))
        say(_("Nothing is said of {sender} any more.").format(sender=sender), "relevo sender list")

    return run(ctx, file, work)


@app.command("list", help=_("List what is said of senders, for whom."))
def list_(
    ctx: typer.Context, *,
    search: Annotated[str, typer.Option("--search", help=_("words in sender or recipient"))] = "",
    domain: DomainOption = "",
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """List what is said."""

    def work() -> None:
        from relevo.directory import describe, sender_rules  # noqa: PLC0415 - needs a started Django
        from relevo.directory.searching import matching  # noqa: PLC0415 - the same

        rows = matching(sender_rules.listing(), search, ("sender", "recipient"))
        found = sender_rules.concerning(rows, domain) if domain else rows
        entries = [describe.sender_rule(one) for one in found]
        show(entries, {"sender": _("sender"), "verdict": _("said"), "recipient": _("for")}, format)

    return run(ctx, file, work)


def _say(verdict: str, sender: str, recipient: str) -> None:
    from relevo.directory import sender_rules  # noqa: PLC0415 - needs a started Django

    rule = sender_rules.say(verdict, sender, recipient)
    text = _("{sender} is allowed from now on.") if verdict == "allow" else _("{sender} is blocked from now on.")
    say(text.format(sender=rule.sender), "relevo sender list")

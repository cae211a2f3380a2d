"""`relevo shared`: mailboxes that several people open from their own."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from relevo.cli.accounts_common import DomainOption, EnabledOption, confirm, run, say, say_removed
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Shared mailboxes: add, set, grant, withdraw, remove, show."))

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("e.g. sales@example.org"))
MEMBER = typer.Argument(metavar="MEMBER", help=_("whose mailbox it is opened from, e.g. ana@example.org"))
Level = Literal["read", "write", "manage"]
Name = Annotated[str | None, typer.Option("--name", help=_("what it is called"))]
Quota = Annotated[int | None, typer.Option("--quota", min=0, help=_("MiB; 0: no limit"))]


def _people(option: str, text: str) -> object:
    return typer.Option(option, metavar="ADDRESS", help=text)


Readers = Annotated[list[str] | None, _people("--reader", _("who may read it; can be repeated"))]
Writers = Annotated[
    list[str] | None, _people("--writer", _("who may also mark, move and delete its mail; can be repeated"))
]
Managers = Annotated[
    list[str] | None, _people("--manager", _("who may also make and delete its folders; can be repeated"))
]
Senders = Annotated[
    list[str] | None, _people("--sender", _("which of these may send as it; can be repeated"))
]


@app.command(help=_("Add a shared mailbox; nobody has a password for it."))
def add(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, name: Name = None, quota: Quota = None,
    reader: Readers = None, writer: Writers = None, manager: Managers = None, sender: Senders = None,
    file: FileOption = None,
) -> int:
    """Add a shared mailbox."""

    def work() -> None:
        from relevo.directory import shared  # noqa: PLC0415 - needs a started Django

        made = shared.add(
            address, name=name or "", quota_mb=quota, readers=reader or (), writers=writer or (),
            managers=manager or (), senders=sender or (),
        )
        there = bool(reader or writer or manager)
        step = f"relevo shared show {made}" if there else f"relevo shared grant {made} NAME@{made.domain} --right write"
        say(_("The shared mailbox {address} stands.").format(address=made), step)

    return run(ctx, file, work)


@app.command("from-mailbox", help=_("Make a mailbox that is there a shared one, with its mail; its password ends."))
def from_mailbox(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, reader: Readers = None, writer: Writers = None,
    manager: Managers = None, sender: Senders = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Make a mailbox a shared one."""

    def work() -> None:
        from relevo.directory import shared_conversion  # noqa: PLC0415 - needs a started Django

        made = shared_conversion.share(
            address, readers=reader or (), writers=writer or (), managers=manager or (), senders=sender or ()
        )
        there = bool(reader or writer or manager)
        step = f"relevo shared show {made}" if there else f"relevo shared grant {made} NAME@{made.domain} --right write"
        say(_("{address} is a shared mailbox now; nobody has a password for it.").format(address=made), step)

    confirm(_("End the password, the app passwords and all sessions of {address}?").format(address=address), yes=yes)
    return run(ctx, file, work, options=["--yes"])


@app.command("to-mailbox", help=_("Make a shared mailbox one person's, with its mail; its members open it no more."))
def to_mailbox(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Make a shared mailbox one person's."""

    def work() -> None:
        from relevo.directory import shared_conversion  # noqa: PLC0415 - needs a started Django

        made = shared_conversion.unshare(address)
        text = _("{address} is one person's mailbox now; nobody can log in until it has a password.")
        say(text.format(address=made), f"relevo mailbox set {made} --password")

    confirm(_("Take {address} away from all its members?").format(address=address), yes=yes)
    return run(ctx, file, work, options=["--yes"])


@app.command("set", help=_("Change what is given of a shared mailbox."))
def set_(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, name: Name = None, quota: Quota = None,
    enabled: EnabledOption = None, file: FileOption = None,
) -> int:
    """Change what is given of a shared mailbox."""

    def work() -> None:
        from relevo.directory import shared  # noqa: PLC0415 - needs a started Django

        changed = shared.change(address, name=name, quota_mb=quota, enabled=enabled)
        say(_("{address} is changed.").format(address=changed), f"relevo shared show {changed}")

    return run(ctx, file, work)


@app.command(help=_("Let somebody open a shared mailbox, or do more or less there than before."))
def grant(
    ctx: typer.Context, address: Annotated[str, ADDRESS], member: Annotated[str, MEMBER], *,
    right: Annotated[
        Level, typer.Option("--right", help=_("read; write: also mark, move, delete mail; manage: folders, too"))
    ] = "read",
    send: Annotated[bool, typer.Option("--send/--no-send", help=_("may send as this address"))] = False,
    file: FileOption = None,
) -> int:
    """Let somebody open a shared mailbox."""

    def work() -> None:
        from relevo.directory import shared  # noqa: PLC0415 - needs a started Django

        changed = shared.grant(address, member, right, may_send=send)
        say(
            _("{member} finds {address} in every mail program within seconds.").format(member=member, address=changed),
            f"relevo shared show {changed}",
        )

    return run(ctx, file, work)


@app.command(help=_("Let somebody no longer open a shared mailbox, nor send as it."))
def withdraw(
    ctx: typer.Context, address: Annotated[str, ADDRESS], member: Annotated[str, MEMBER], file: FileOption = None
) -> int:
    """Let somebody no longer open a shared mailbox."""

    def work() -> None:
        from relevo.directory import shared  # noqa: PLC0415 - needs a started Django

        changed = shared.withdraw(address, member)
        say(
            _("{member} does not open {address} any more.").format(member=member, address=changed),
            f"relevo shared show {changed}",
        )

    return run(ctx, file, work)


@app.command(help=_("Remove a shared mailbox; its mail stays until it is purged."))
def remove(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help=_("take it out of aliases, lists and forwarding first"))
    ] = False,
    file: FileOption = None,
) -> int:
    """Remove a shared mailbox; its mail stays until it is purged."""

    def work() -> None:
        from relevo.directory import shared  # noqa: PLC0415 - needs a started Django

        gone = shared.remove(address, everywhere=everywhere)
        say_removed(str(gone))

    return run(ctx, file, work)


@app.command(help=_("Show one shared mailbox, or all."))
def show(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help=_("all when not given"))] = "",
    *,
    domain: DomainOption = "", format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one shared mailbox, or all."""

    def work() -> None:
        from relevo.directory import describe, shared  # noqa: PLC0415 - needs a started Django

        found = [shared.find(address)] if address else shared.listing(domain=domain)
        headings = {
            "address": _("shared mailbox"), "name": _("name"), "quota_mb": _("quota (MiB)"), "enabled": _("enabled"),
            "readers": _("may read"), "writers": _("may write"), "managers": _("may manage"), "senders": _("may send"),
        }
        show_entries([describe.shared_mailbox(entry) for entry in found], headings, format)

    return run(ctx, file, work)

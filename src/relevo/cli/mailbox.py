"""`relevo mailbox`: mailboxes, their passwords and forwarding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relevo.cli.accounts_common import (
    DomainOption,
    EnabledOption,
    PasswordStdin,
    ask_password,
    confirm,
    run,
    say,
    say_removed,
)
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.cli.tables import DryRun, SourceArgument, bring, give
from relevo.errors import UsageError
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.use import Reading

app = typer.Typer(no_args_is_help=True, help=_("Mailboxes: add, set, remove, restore, purge, show, import, export."))

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("e.g. ana@example.org"))
Name = Annotated[str | None, typer.Option("--name", help=_("the person's name"))]
Quota = Annotated[int | None, typer.Option("--quota", min=0, help=_("MiB; 0: no limit"))]
Forward = Annotated[
    list[str] | None, typer.Option("--forward", metavar="ADDRESS", help=_("where its mail goes on to; can be repeated"))
]
KeepCopy = Annotated[
    bool | None, typer.Option("--keep-copy/--no-keep-copy", help=_("what is forwarded stays in the mailbox too"))
]
AskPassword = Annotated[bool, typer.Option("--password", help=_("ask for a new password"))]


@app.command(help=_("Add a mailbox; its password is asked for."))
def add(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, name: Name = None, quota: Quota = None,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled", help=_("switch it on or off"))] = True,
    forward: Forward = None, keep_copy: Annotated[bool, typer.Option("--keep-copy/--no-keep-copy")] = True,
    password_stdin: PasswordStdin = False, file: FileOption = None,
) -> int:
    """Add a mailbox."""
    password = ask_password(from_stdin=password_stdin)

    def work() -> None:
        from relevo.directory import mailboxes  # noqa: PLC0415 - needs a started Django

        made = mailboxes.add(
            address, password, name=name or "", quota_mb=quota, enabled=enabled, forward=forward or (),
            keep_copy=keep_copy,
        )
        say(
            _("The mailbox {address} stands; its owner can log in now.").format(address=made)
            if enabled
            else _("The mailbox {address} stands and is switched off.").format(address=made),
            f"relevo mailbox show {made}" if enabled else f"relevo mailbox set {made} --enabled",
        )

    return run(ctx, file, work, stdin=password + "\n", options=["--password-stdin"])


@app.command("set", help=_("Change what is given of a mailbox."))
def set_(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, password: AskPassword = False,
    password_stdin: PasswordStdin = False, name: Name = None, quota: Quota = None, enabled: EnabledOption = None,
    forward: Forward = None,
    no_forward: Annotated[bool, typer.Option("--no-forward", help=_("end the forwarding"))] = False,
    keep_copy: KeepCopy = None,
    without_second_factor: Annotated[
        bool,
        typer.Option("--without-second-factor", help=_("take away the one of its owner's portal, who has lost it")),
    ] = False,
    file: FileOption = None,
) -> int:
    """Change what is given of a mailbox."""
    if forward and no_forward:
        raise UsageError(_("--{option} and --no-{option} can't both be meant").format(option="forward"))
    new = ask_password(from_stdin=password_stdin) if password or password_stdin else None

    def work() -> None:
        from relevo.directory import mailboxes, owner_factors  # noqa: PLC0415 - needs a started Django
        from relevo.directory.registry import find_mailbox  # noqa: PLC0415 - the same

        if without_second_factor:
            owner_factors.remove(find_mailbox(address))
        if new:
            mailboxes.set_password(address, new)
        changed = mailboxes.change(
            address, name=name, quota_mb=quota, enabled=enabled, forward=[] if no_forward else forward or None,
            keep_copy=keep_copy,
        )
        say(_("{address} is changed.").format(address=changed), f"relevo mailbox show {changed}")

    stdin, options = (new + "\n", ["--password-stdin"]) if new else (None, [])
    return run(ctx, file, work, stdin=stdin, options=options)


@app.command(help=_("Remove a mailbox: it receives nothing, nobody can log in, and its mail stays until it is purged."))
def remove(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help=_("take it out of aliases, lists and forwarding first"))
    ] = False,
    file: FileOption = None,
) -> int:
    """Remove a mailbox; its mail stays until it is purged."""

    def work() -> None:
        from relevo.directory import mailboxes  # noqa: PLC0415 - needs a started Django

        gone = mailboxes.remove(address, everywhere=everywhere)
        say_removed(str(gone))

    return run(ctx, file, work)


@app.command(help=_("Bring a removed mailbox back, with its mail and password."))
def restore(ctx: typer.Context, address: Annotated[str, ADDRESS], file: FileOption = None) -> int:
    """Bring a removed mailbox back."""

    def work() -> None:
        from relevo.directory import mailboxes  # noqa: PLC0415 - needs a started Django

        back = mailboxes.restore(address)
        say(_("{address} is back, with its mail and password.").format(address=back), f"relevo mailbox show {back}")

    return run(ctx, file, work)


@app.command(help=_("Delete a removed mailbox and its mail for good."))
def purge(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Delete a removed mailbox and its mail for good."""
    confirm(_("Delete all mail of {address} for good?").format(address=address), yes=yes)

    def work() -> None:
        from relevo.directory import purge as purging  # noqa: PLC0415 - needs a started Django

        purging.purge(address)
        say(_("{address} and its mail are deleted.").format(address=address), "relevo mailbox show --removed")

    return run(ctx, file, work, options=["--yes"])


@app.command(help=_("Show one mailbox, or all."))
def show(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help=_("all when not given"))] = "",
    *,
    domain: DomainOption = "",
    removed: Annotated[bool, typer.Option("--removed", help=_("those that are removed and not purged"))] = False,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one mailbox, or all."""

    def work() -> None:
        from relevo.directory import describe_use, mailboxes, use  # noqa: PLC0415 - needs a started Django
        from relevo.directory.registry import find_mailbox  # noqa: PLC0415 - the same

        rows = use.shown(mailboxes.listing(domain=domain, removed=removed))
        found = [rows.get(pk=find_mailbox(address, removed=removed).pk)] if address else list(rows)
        headings = {
            "address": _("mailbox"), "name": _("name"), "used_mb": _("used (MiB)"),
            "quota_mb": _("quota (MiB)"), "last_login": _("last login"), "enabled": _("enabled"),
            "forward": _("forwards to"), "keep_copy": _("keeps a copy"), "app_passwords": _("app passwords"),
            **({"removed": _("removed")} if removed else {}),
        }
        told = [describe_use.used_mailbox(entry) for entry in found]
        show_entries(told if format == "json" else [_readable(entry) for entry in told], headings, format)
        if format != "json":
            _say_how_old(use.as_of())

    return run(ctx, file, work)


def _readable(entry: dict[str, object]) -> dict[str, object]:
    """Return an entry as a table shows it."""
    used, last = entry["quota_used_bytes"], entry["last_login_at"]
    return {
        **entry, "used_mb": f"{used / 2**20:.1f}" if isinstance(used, int) else "?",
        "last_login": str(last)[:16].replace("T", " ") if last else _("never"),
    }


def _say_how_old(reading: Reading) -> None:
    if not reading.at:
        say(_("Nobody has counted yet: see journalctl -u relevo-use on the mail nodes."))
    elif reading.is_old:
        say(_("Last logins and what is used are of {moment}: see journalctl -u relevo-use on the active node.").format(
            moment=f"{reading.at:%Y-%m-%d %H:%M} UTC"))


@app.command("revoke-app-passwords", help=_("Revoke all passwords that its owner has made for single programs."))
def revoke_app_passwords(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Revoke all app passwords of a mailbox."""
    confirm(_("Throw out all programs of {address} that use an app password?").format(address=address), yes=yes)

    def work() -> None:
        from relevo.directory import app_passwords  # noqa: PLC0415 - needs a started Django
        from relevo.directory.registry import find_mailbox  # noqa: PLC0415 - the same

        app_passwords.revoke_all(find_mailbox(address))
        say(
            _("The app passwords of {address} are revoked.").format(address=address),
            f"relevo mailbox set {address} --password",
        )

    return run(ctx, file, work, options=["--yes"])


@app.command("import", help=_("Add and change mailboxes from a table (CSV); none is removed."))
def import_(
    ctx: typer.Context, source: SourceArgument, *, dry_run: DryRun = False, file: FileOption = None
) -> int:
    """Add and change mailboxes from a table."""
    return bring(ctx, "mailbox", source, dry_run=dry_run, file=file)


@app.command(help=_("Write mailboxes as a table (CSV) to stdout, without passwords."))
def export(ctx: typer.Context, *, domain: DomainOption = "", file: FileOption = None) -> int:
    """Write mailboxes as a table to stdout."""
    return give(ctx, "mailbox", domain=domain, file=file)

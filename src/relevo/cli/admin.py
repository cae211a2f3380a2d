"""`relevo admin`: who may log in to the administration on the web."""

from __future__ import annotations

from typing import Annotated

import typer

from relevo.cli.accounts_common import EnabledOption, PasswordStdin, ask_password, confirm, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.errors import UsageError
from relevo.i18n import _

app = typer.Typer(
    no_args_is_help=True, help=_("Administrators on the web: add, list, show, set, password, remove.")
)

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("what they log in with, e.g. ana@example.org"))
Everything = Annotated[bool, typer.Option("--global", help=_("for all domains and all administrators"))]
Domains = Annotated[
    list[str] | None, typer.Option("--domain", metavar="DOMAIN", help=_("for this domain only; can be repeated"))
]


@app.command(help=_("Add an administrator; the password is asked for."))
def add(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, everything: Everything = False, domain: Domains = None,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled", help=_("switch it on or off"))] = True,
    password_stdin: PasswordStdin = False, file: FileOption = None,
) -> int:
    """Add an administrator."""
    role = _role(everything=everything, domain=domain)
    if not role:
        raise UsageError(_("say what for: --global, or one --domain or more"))
    password = ask_password(from_stdin=password_stdin)

    def work() -> None:
        from relevo.directory import administrators  # noqa: PLC0415 - needs a started Django

        made = administrators.add(address, password, role=role, domains=domain or (), enabled=enabled)
        say(_("The administrator {address} stands.").format(address=made), f"relevo admin show {made}")

    return run(ctx, file, work, stdin=password + "\n", options=["--password-stdin"])


@app.command("set", help=_("Change what is given of an administrator."))
def set_(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, everything: Everything = False, domain: Domains = None,
    enabled: EnabledOption = None,
    without_second_factor: Annotated[
        bool, typer.Option("--without-second-factor", help=_("take app, keys and recovery codes away: they are lost"))
    ] = False,
    file: FileOption = None,
) -> int:
    """Change what is given of an administrator."""
    role = _role(everything=everything, domain=domain)

    def work() -> None:
        from relevo.directory import administrators, factors  # noqa: PLC0415 - needs a started Django

        changed = factors.clear(address) if without_second_factor else None
        if role or enabled is not None or not changed:
            changed = administrators.change(address, role=role, domains=domain or None, enabled=enabled)
        say(_("{address} is changed.").format(address=changed), f"relevo admin show {changed}")

    return run(ctx, file, work)


@app.command(help=_("Give an administrator another password; it is asked for."))
def password(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, password_stdin: PasswordStdin = False,
    file: FileOption = None,
) -> int:
    """Give an administrator another password."""
    new = ask_password(from_stdin=password_stdin)

    def work() -> None:
        from relevo.directory import administrators  # noqa: PLC0415 - needs a started Django

        changed = administrators.set_password(address, new)
        say(
            _("{address} has a new password; whoever was logged in with the old one no longer is.")
            .format(address=changed)
        )

    return run(ctx, file, work, stdin=new + "\n", options=["--password-stdin"])


@app.command(help=_("Remove an administrator; the audit log keeps what they did."))
def remove(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    last: Annotated[bool, typer.Option("--last", help=_("also the last global one who can log in"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("don't ask"))] = False, file: FileOption = None,
) -> int:
    """Remove an administrator."""
    confirm(_("Remove the administrator {address}?").format(address=address), yes=yes)

    def work() -> None:
        from relevo.directory import administrators  # noqa: PLC0415 - needs a started Django

        administrators.remove(address, last=last)
        say(_("The administrator {address} is removed.").format(address=address), "relevo admin list")

    return run(ctx, file, work, options=["--yes"])


@app.command(help=_("Show one administrator."))
def show(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one administrator."""

    def work() -> None:
        from relevo.directory import administrators, describe  # noqa: PLC0415 - needs a started Django

        show_entries([describe.administrator(administrators.find(address))], _headings(), format)

    return run(ctx, file, work)


@app.command("list", help=_("Show all administrators."))
def list_(
    ctx: typer.Context, *, format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show all administrators."""

    def work() -> None:
        from relevo.directory import administrators, describe  # noqa: PLC0415 - needs a started Django

        show_entries([describe.administrator(entry) for entry in administrators.listing()], _headings(), format)

    return run(ctx, file, work)


def _role(*, everything: bool, domain: list[str] | None) -> str | None:
    """Return the role that the options mean, None when they say nothing of it."""
    if everything and domain:
        raise UsageError(_("--global and --domain can't both be meant"))
    return "global" if everything else "domain" if domain else None


def _headings() -> dict[str, str]:
    return {
        "address": _("administrator"), "role": _("role"), "domains": _("domains"), "enabled": _("enabled"),
        "second_factor": _("second factor"), "last_login": _("last login"),
    }

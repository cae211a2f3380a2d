"""`relevo list`: distribution lists; what is done with posts that wait is in held.py."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from relevo.cli.accounts_common import DomainOption, EnabledOption, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.cli.tables import DryRun, SourceArgument, bring, give
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Distribution lists: add, set, remove, show, import, export."))

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("e.g. everybody@example.org"))
Policy = Literal["anyone", "domain", "members", "named"]
PolicyOption = Annotated[Policy | None, typer.Option("--posting", help=_("who may post"))]
Name = Annotated[str | None, typer.Option("--name", help=_("what the list is called"))]
Members = Annotated[
    list[str] | None, typer.Option("--member", metavar="ADDRESS", help=_("a member; can be repeated"))
]
Senders = Annotated[
    list[str] | None,
    typer.Option("--sender", metavar="ADDRESS", help=_("who may post with --posting named; can be repeated")),
]
Moderated = Literal["off", "others", "all"]
_HOLD = _("whose posts wait for an owner: nobody's, of others than may post, or of all but owners")
Owners = Annotated[
    list[str] | None,
    typer.Option("--owner", metavar="ADDRESS", help=_("a mailbox whose owner lets posts through; can be repeated")),
]


@app.command(help=_("Add a distribution list. When not said otherwise, its domain may post."))
def add(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, name: Name = None, member: Members = None,
    posting: Annotated[Policy, typer.Option("--posting", help=_("who may post"))] = "domain",
    sender: Senders = None, hold: Annotated[Moderated, typer.Option("--hold", help=_HOLD)] = "off",
    owner: Owners = None, enabled: Annotated[bool, typer.Option("--enabled/--disabled")] = True,
    file: FileOption = None,
) -> int:
    """Add a distribution list."""

    def work() -> None:
        from relevo.directory import lists  # noqa: PLC0415 - needs a started Django

        made = lists.add(
            address, member or (), name=name or "", policy=posting, senders=sender or (), moderated=hold,
            owners=owner or (), enabled=enabled,
        )
        step = f"relevo list show {made}" if member else f"relevo list set {made} --add NAME@{made.domain}"
        say(_("The list {address} stands.").format(address=made), step)

    return run(ctx, file, work)


@app.command("set", help=_("Change what is given of a list."))
def set_(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *, name: Name = None,
    member: Annotated[
        list[str] | None, typer.Option("--member", metavar="ADDRESS", help=_("replaces all members; can be repeated"))
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="ADDRESS", help=_("one member more; can be repeated"))
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="ADDRESS", help=_("one member less; can be repeated"))
    ] = None,
    posting: PolicyOption = None, sender: Senders = None,
    hold: Annotated[Moderated | None, typer.Option("--hold", help=_HOLD)] = None, owner: Owners = None,
    enabled: EnabledOption = None, file: FileOption = None,
) -> int:
    """Change what is given of a list."""

    def work() -> None:
        from relevo.directory import lists  # noqa: PLC0415 - needs a started Django

        changed = lists.change(
            address, members=member or None, add_members=add or (), drop=drop or (), name=name, policy=posting,
            senders=sender or None, moderated=hold, owners=owner or None, enabled=enabled,
        )
        say(_("{address} is changed.").format(address=changed), f"relevo list show {changed}")

    return run(ctx, file, work)


@app.command(help=_("Remove a list."))
def remove(ctx: typer.Context, address: Annotated[str, ADDRESS], file: FileOption = None) -> int:
    """Remove a list."""

    def work() -> None:
        from relevo.directory import lists  # noqa: PLC0415 - needs a started Django

        lists.remove(address)
        say(_("The list {address} is removed.").format(address=address), "relevo list show")

    return run(ctx, file, work)


@app.command(help=_("Show one list, or all."))
def show(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help=_("all when not given"))] = "",
    *,
    domain: DomainOption = "", format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one list, or all."""

    def work() -> None:
        from relevo.directory import describe, lists  # noqa: PLC0415 - needs a started Django

        found = [lists.find(address)] if address else lists.listing(domain=domain)
        headings = {
            "address": _("list"), "name": _("name"), "policy": _("who may post"), "senders": _("named"),
            "moderated": _("held"), "owners": _("owners"),
            "members": _("members"), "enabled": _("enabled"),
        }
        show_entries([describe.distribution_list(entry) for entry in found], headings, format)

    return run(ctx, file, work)


@app.command("import", help=_("Add and change lists from a table (CSV); none is removed."))
def import_(
    ctx: typer.Context, source: SourceArgument, *, dry_run: DryRun = False, file: FileOption = None
) -> int:
    """Add and change lists from a table."""
    return bring(ctx, "list", source, dry_run=dry_run, file=file)


@app.command(help=_("Write lists as a table (CSV) to stdout."))
def export(ctx: typer.Context, *, domain: DomainOption = "", file: FileOption = None) -> int:
    """Write lists as a table to stdout."""
    return give(ctx, "list", domain=domain, file=file)

"""`relevo alias`: addresses that stand for others."""

from __future__ import annotations

from typing import Annotated

import typer

from relevo.cli.accounts_common import DomainOption, EnabledOption, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.cli.tables import DryRun, SourceArgument, bring, give
from relevo.i18n import _

app = typer.Typer(
    no_args_is_help=True, help=_("Aliases, addresses that stand for others: add, set, remove, show, import, export.")
)

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("e.g. sales@example.org"))


def _targets(flag: str, meaning: str) -> object:
    return typer.Option(flag, metavar="ADDRESS", help=meaning)


@app.command(help=_("Add an alias. The owners of its mailboxes may send as the alias."))
def add(
    ctx: typer.Context, address: Annotated[str, ADDRESS],
    targets: Annotated[list[str], typer.Argument(metavar="TARGET...", help=_("addresses that its mail goes to"))],
    *,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled", help=_("switch it on or off"))] = True,
    file: FileOption = None,
) -> int:
    """Add an alias."""

    def work() -> None:
        from relevo.directory import aliases  # noqa: PLC0415 - needs a started Django

        made = aliases.add(address, targets, enabled=enabled)
        say(_("The alias {address} stands.").format(address=made), f"relevo alias show {made}")

    return run(ctx, file, work)


@app.command("set", help=_("Change what is given of an alias."))
def set_(
    ctx: typer.Context, address: Annotated[str, ADDRESS], *,
    to: Annotated[list[str] | None, _targets("--to", _("replaces all targets; can be repeated"))] = None,
    add: Annotated[list[str] | None, _targets("--add", _("one target more; can be repeated"))] = None,
    drop: Annotated[list[str] | None, _targets("--drop", _("one target less; can be repeated"))] = None,
    enabled: EnabledOption = None, file: FileOption = None,
) -> int:
    """Change what is given of an alias."""

    def work() -> None:
        from relevo.directory import aliases  # noqa: PLC0415 - needs a started Django

        changed = aliases.change(address, to=to or None, add_to=add or (), drop=drop or (), enabled=enabled)
        say(_("{address} is changed.").format(address=changed), f"relevo alias show {changed}")

    return run(ctx, file, work)


@app.command(help=_("Remove an alias."))
def remove(ctx: typer.Context, address: Annotated[str, ADDRESS], file: FileOption = None) -> int:
    """Remove an alias."""

    def work() -> None:
        from relevo.directory import aliases  # noqa: PLC0415 - needs a started Django

        aliases.remove(address)
        say(_("The alias {address} is removed.").format(address=address), "relevo alias show")

    return run(ctx, file, work)


@app.command(help=_("Show one alias, or all."))
def show(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help=_("all when not given"))] = "",
    *,
    domain: DomainOption = "", format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one alias, or all."""

    def work() -> None:
        from relevo.directory import aliases, describe  # noqa: PLC0415 - needs a started Django

        found = [aliases.find(address)] if address else aliases.listing(domain=domain)
        headings = {"address": _("alias"), "to": _("goes to"), "enabled": _("enabled"), "automatic": _("automatic")}
        show_entries([describe.alias(entry) for entry in found], headings, format)

    return run(ctx, file, work)


@app.command("import", help=_("Add and change aliases from a table (CSV); none is removed."))
def import_(
    ctx: typer.Context, source: SourceArgument, *, dry_run: DryRun = False, file: FileOption = None
) -> int:
    """Add and change aliases from a table."""
    return bring(ctx, "alias", source, dry_run=dry_run, file=file)


@app.command(help=_("Write aliases as a table (CSV) to stdout."))
def export(ctx: typer.Context, *, domain: DomainOption = "", file: FileOption = None) -> int:
    """Write aliases as a table to stdout."""
    return give(ctx, "alias", domain=domain, file=file)

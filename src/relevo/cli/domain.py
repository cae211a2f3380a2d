"""`relevo domain`: the mail domains."""

from __future__ import annotations

from typing import Annotated

import typer

from relevo.cli.accounts_common import EnabledOption, none_when, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption
from relevo.i18n import _

app = typer.Typer(no_args_is_help=True, help=_("Mail domains: add, set, remove, show."))

NAME = typer.Argument(metavar="DOMAIN", help=_("e.g. example.org"))
AliasOf = Annotated[
    str | None, typer.Option("--alias-of", metavar="DOMAIN", help=_("each of its addresses is one of this domain"))
]
CatchAll = Annotated[
    str | None, typer.Option("--catch-all", metavar="ADDRESS", help=_("where mail to unknown addresses of it goes"))
]
Mailboxes = Annotated[
    int | None, typer.Option("--mailboxes", min=0, help=_("at most so many mailboxes; 0: any number"))
]
Aliases = Annotated[int | None, typer.Option("--aliases", min=0, help=_("at most so many aliases; 0: any number"))]
Lists = Annotated[int | None, typer.Option("--lists", min=0, help=_("at most so many lists; 0: any number"))]
QuotaInSum = Annotated[
    int | None, typer.Option("--quota-in-sum", min=0, help=_("MiB that all its quotas may be together; 0: any"))
]
ForwardOutside = Annotated[
    bool | None,
    typer.Option(
        "--owners-forward-outside/--no-owners-forward-outside",
        help=_("owners may forward their mail out of the platform by themselves"),
    ),
]
DefaultQuota = Annotated[
    int | None, typer.Option("--default-quota", min=0, help=_("MiB of a mailbox made without a quota; 0: no limit"))
]


@app.command(help=_("Add a domain."))
def add(
    ctx: typer.Context, name: Annotated[str, NAME], *, alias_of: AliasOf = None, catch_all: CatchAll = None,
    mailboxes: Mailboxes = None, aliases: Aliases = None, lists: Lists = None, quota_in_sum: QuotaInSum = None,
    default_quota: DefaultQuota = None, file: FileOption = None,
) -> int:
    """Add a domain."""

    def work() -> None:
        from relevo.directory import domains  # noqa: PLC0415 - needs a started Django

        made = domains.add(
            name, alias_of=alias_of or "", catch_all=catch_all or "", mailbox_limit=mailboxes or 0,
            alias_limit=aliases or 0, list_limit=lists or 0, quota_limit_mb=quota_in_sum or 0,
            default_quota_mb=default_quota,
        )
        say(
            _("{domain} takes mail now.").format(domain=made),
            _("relevo dns (what to publish), then relevo mailbox add NAME@{domain}").format(domain=alias_of or made),
        )

    return run(ctx, file, work)


@app.command("set", help=_("Change what is given of a domain."))
def set_(
    ctx: typer.Context, name: Annotated[str, NAME], *, enabled: EnabledOption = None, alias_of: AliasOf = None,
    no_alias_of: Annotated[bool, typer.Option("--no-alias-of", help=_("it has addresses of its own"))] = False,
    catch_all: CatchAll = None,
    no_catch_all: Annotated[bool, typer.Option("--no-catch-all", help=_("refuse mail to unknown addresses"))] = False,
    mailboxes: Mailboxes = None, aliases: Aliases = None, lists: Lists = None, quota_in_sum: QuotaInSum = None,
    default_quota: DefaultQuota = None, owners_forward_outside: ForwardOutside = None,
    file: FileOption = None,
) -> int:
    """Change what is given of a domain."""
    real = none_when(alias_of, removed=no_alias_of, option="alias-of")
    target = none_when(catch_all, removed=no_catch_all, option="catch-all")

    def work() -> None:
        from relevo.directory import domains  # noqa: PLC0415 - needs a started Django

        changed = domains.change(
            name, enabled=enabled, alias_of=real, catch_all=target, mailbox_limit=mailboxes,
            alias_limit=aliases, list_limit=lists, quota_limit_mb=quota_in_sum,
            default_quota_mb=default_quota, owners_forward_outside=owners_forward_outside,
        )
        say(_("{domain} is changed.").format(domain=changed), f"relevo domain show {changed}")

    return run(ctx, file, work)


@app.command(help=_("Remove a domain that has nothing in it any more."))
def remove(ctx: typer.Context, name: Annotated[str, NAME], file: FileOption = None) -> int:
    """Remove a domain that has nothing in it any more."""

    def work() -> None:
        from relevo.directory import domains  # noqa: PLC0415 - needs a started Django

        domains.remove(name)
        say(_("{domain} is removed; mail to it is refused.").format(domain=name), "relevo domain show")

    return run(ctx, file, work)


@app.command(help=_("Show one domain, or all."))
def show(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="[DOMAIN]", help=_("all when not given"))] = "",
    *,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show one domain, or all."""

    def work() -> None:
        from relevo.directory import describe_use, domains, use  # noqa: PLC0415 - needs a started Django
        from relevo.directory.registry import find_domain  # noqa: PLC0415 - the same

        rows = use.summed(domains.rows())
        found = [rows.get(pk=find_domain(name).pk)] if name else list(rows)
        headings = {
            "name": _("domain"), "enabled": _("enabled"), "alias_of": _("alias of"), "catch_all": _("catch-all"),
            "mailbox_limit": _("mailboxes at most"), "alias_limit": _("aliases at most"),
            "list_limit": _("lists at most"), "quota_limit_mb": _("quotas at most (MiB)"), "used_mb": _("used (MiB)"),
            "quota_given_mb": _("quotas in sum (MiB)"), "default_quota_mb": _("default quota (MiB)"),
            "owners_forward_outside": _("owners forward outside"),
        }
        told = [describe_use.used_domain(entry) for entry in found]
        show_entries(told if format == "json" else [_readable(entry) for entry in told], headings, format)

    return run(ctx, file, work)


def _readable(entry: dict[str, object]) -> dict[str, object]:
    """Add what a table shows of its figures."""
    used = entry["quota_used_bytes"]
    return {**entry, "used_mb": round(used / 2**20) if isinstance(used, int) else 0}

"""`relevo dkim`: the keys that each domain's mail is signed with, and how one follows another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relevo.cli.accounts_common import confirm, run, say
from relevo.cli.accounts_common import show as show_entries
from relevo.cli.common import FileOption, FormatOption, prose
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.dkim_models import DkimKey

app = typer.Typer(
    no_args_is_help=True, help=_("Keys that mail is signed with (DKIM): list, make, rotate, sign, retire, delete.")
)

NAME = typer.Argument(metavar="DOMAIN", help=_("e.g. example.org"))
SELECTOR = typer.Argument(metavar="SELECTOR", help=_("as `relevo dkim list` shows it"))
Name = Annotated[str, NAME]
Selector = Annotated[str, SELECTOR]
Published = Annotated[
    bool, typer.Option("--published", help=_("you have seen its record in DNS yourself: don't look"))
]
Yes = Annotated[bool, typer.Option("--yes", help=_("don't ask"))]


@app.command("list", help=_("Show the keys of a domain, or of all: what each does, and its record."))
def list_(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="[DOMAIN]", help=_("all when not given"))] = "",
    *,
    format: FormatOption = "table", file: FileOption = None,  # noqa: A002 - the option's name
) -> int:
    """Show the keys of a domain, or of all."""

    def work() -> None:
        from relevo.directory import describe  # noqa: PLC0415 - needs a started Django
        from relevo.directory.dkim import keys  # noqa: PLC0415 - the same
        from relevo.directory.registry import find_domain  # noqa: PLC0415 - the same

        found = keys.listing([find_domain(name)] if name else None)
        headings = {
            "domain": _("domain"), "selector": _("selector"), "state": _("state"), "made": _("made"),
            "signing": _("signs since"), "retired": _("retired"), "safe_from": _("record may go"),
        }
        show_entries([describe.dkim_key(key) for key in found], headings, format)

    return run(ctx, file, work)


@app.command(help=_("Make a new key for a domain; it signs when DNS shows it."))
def make(ctx: typer.Context, name: Name, file: FileOption = None) -> int:
    """Make a new key for a domain."""

    def work() -> None:
        from relevo.directory.dkim import keys  # noqa: PLC0415 - needs a started Django

        _tell_of_new(keys.make(name))

    return run(ctx, file, work)


@app.command(help=_("Take the next step of a domain's keys: make a new one, or sign with it once DNS shows it."))
def rotate(ctx: typer.Context, name: Name, *, published: Published = False, file: FileOption = None) -> int:
    """Take the next step."""

    def work() -> None:
        from relevo.directory.dkim import keys  # noqa: PLC0415 - needs a started Django
        from relevo.directory.dkim_models import KeyState  # noqa: PLC0415 - the same

        key = keys.rotate(name, published=published)
        if key.state == KeyState.NEW:
            _tell_of_new(key)
        else:
            _tell_of_signing(key)

    return run(ctx, file, work)


@app.command(help=_("Sign with a key from now on: a new one that DNS shows, or the one before again."))
def sign(
    ctx: typer.Context, name: Name, selector: Selector, *, published: Published = False, file: FileOption = None
) -> int:
    """Sign with a key from now on."""

    def work() -> None:
        from relevo.directory.dkim import keys  # noqa: PLC0415 - needs a started Django

        _tell_of_signing(keys.sign(name, selector, published=published))

    return run(ctx, file, work)


@app.command(help=_("Stop signing with a key, without another one in its place."))
def retire(
    ctx: typer.Context, name: Name, selector: Selector, *, yes: Yes = False, file: FileOption = None
) -> int:
    """Stop signing with a key."""
    question = _("Mail of {domain} is then not signed at all, until another key signs. Stop signing with {selector}?")
    confirm(question.format(domain=name, selector=selector), yes=yes)

    def work() -> None:
        from relevo.directory.dkim import keys  # noqa: PLC0415 - needs a started Django

        keys.retire(name, selector)
        say(_("Mail of {domain} is not signed any more.").format(domain=name), f"relevo dkim rotate {name}")

    return run(ctx, file, work, options=["--yes"])


@app.command(help=_("Delete a key that does not sign: a new one, or a retired one that nobody needs any more."))
def delete(
    ctx: typer.Context, name: Name, selector: Selector, *,
    now: Annotated[bool, typer.Option("--now", help=_("also while mail may be under way that it has signed"))] = False,
    yes: Yes = False, file: FileOption = None,
) -> int:
    """Delete a key that does not sign."""
    confirm(_("Delete the key {selector} of {domain} for good?").format(selector=selector, domain=name), yes=yes)

    def work() -> None:
        from relevo.directory.dkim import keys  # noqa: PLC0415 - needs a started Django

        keys.delete(name, selector, now=now)
        say(
            _("The key {selector} is deleted. Its record can go: {record}").format(
                selector=selector, record=f"{selector}._domainkey.{name}"
            ),
            f"relevo dkim list {name}",
        )

    return run(ctx, file, work, options=["--yes"])


@app.command(help=_("Do now what is done every few minutes: sign with new keys that DNS shows, let old ones go."))
def step(ctx: typer.Context, file: FileOption = None) -> int:
    """Do now what is done every few minutes."""

    def work() -> None:
        from relevo.directory.dkim import steps  # noqa: PLC0415 - needs a started Django

        done = steps.run()
        for sentence in done:
            prose.print(sentence, markup=False)
        if not done:
            say(_("Nothing was due."), "relevo dkim list")

    return run(ctx, file, work)


def _tell_of_new(key: DkimKey) -> None:
    from relevo.directory.dkim.publishing import facts  # noqa: PLC0415 - needs a started Django
    from relevo.records.mail import PublicKey, key_record  # noqa: PLC0415 - the same
    from relevo.records.record import zone_line  # noqa: PLC0415 - the same

    typer.echo(zone_line(key_record(key.domain.name, PublicKey(key.selector, key.public)), facts().ttl))
    say(
        _("The key {selector} is made. Publish this record: when DNS shows it for some minutes, it signs by itself.")
        .format(selector=key),
        f"relevo dkim list {key.domain}",
    )


def _tell_of_signing(key: DkimKey) -> None:
    say(
        _("Mail of {domain} is signed with {selector} from now on.").format(domain=key.domain, selector=key),
        _("leave the records of retired keys in DNS until `relevo dkim list` says that they may go"),
    )

"""`relevo dns`: what to publish in the public DNS, and whether it is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table
from rich.text import Text

from relevo.cli.common import FileOption, FormatOption, cluster_file, data, prose
from relevo.cluster import load, secrets
from relevo.cluster.model import Cluster, DomainName
from relevo.cluster.wires import CLUSTER_FILE, SECRETS_FILE
from relevo.deploy.rollout import SECRETS_NAME
from relevo.errors import RelevoError, UsageError
from relevo.i18n import _, ngettext
from relevo.operate import dkim, dns
from relevo.records.record import Record, zone_line
from relevo.records.verdict import Finding, Verdict

app = typer.Typer(
    invoke_without_command=True, help=_("What to publish in the public DNS, and whether it is published.")
)

Domains: TypeAlias = Annotated[
    list[str] | None, typer.Argument(help=_("mail domains of the platform; the first one when none is given"))
]
ShowFormat: TypeAlias = Literal["table", "zone", "json"]
ShowFormatOption: TypeAlias = Annotated[ShowFormat, typer.Option("--format", help=_("zone: lines of a zone file"))]
Resolver: TypeAlias = Annotated[
    str, typer.Option("--resolver", help=_("address of the name server to ask, e.g. 9.9.9.9; the system's by default"))
]
_COLOURS = {Verdict.RIGHT: "green", Verdict.WRONG: "red", Verdict.MISSING: "yellow"}


@app.callback()
def default(context: typer.Context, file: FileOption = None) -> None:
    """Show what to publish when no other verb is given."""
    if context.invoked_subcommand is None:
        show(None, file)


@app.command()
def show(
    domains: Domains = None,
    file: FileOption = None,
    format: ShowFormatOption = "table",  # noqa: A002 - the option's name
) -> None:
    """Print the records to publish where your domain is registered."""
    cluster, records = _wanted(file, domains)
    if format == "json":
        data.print_json(json.dumps([_json(record) for record in records]))
    elif format == "zone":
        for record in records:
            typer.echo(zone_line(record, cluster.dns.ttl))
    else:
        data.print(_table(records))
    _remarks(cluster)


@app.command()
def check(
    domains: Domains = None,
    file: FileOption = None,
    resolver: Resolver = "",
    format: FormatOption = "table",  # noqa: A002 - the option's name
) -> int:
    """Compare what is published with what should be. Exit code 1 when mail suffers from a difference."""
    cluster, records = _wanted(file, domains)
    findings = dns.check(records, dns.resolver(resolver))
    if format == "json":
        data.print_json(json.dumps([
            {**_json(finding.record), "found": finding.found, "verdict": finding.verdict} for finding in findings
        ]))
    else:
        data.print(_findings_table(findings))
    count = sum(finding.matters for finding in findings)
    if not count:
        prose.print(_("The public DNS is as it should be."))
        return 0
    prose.print(ngettext(
        "{n} record that mail needs is not right. Publish what stands above where your domain is registered.",
        "{n} records that mail needs are not right. Publish what stands above where your domain is registered.", count,
    ).format(n=count))
    _remarks(cluster)
    return 1


def _wanted(file: Path | None, domains: list[str] | None) -> tuple[Cluster, tuple[Record, ...]]:
    """Return what must be published; without a platform to ask, the first domain's DKIM key is `relevo init`'s."""
    path = cluster_file(file)
    hidden = Path(SECRETS_FILE) if path == Path(CLUSTER_FILE) else path.parent / SECRETS_NAME
    cluster, own = load.load(path), secrets.read(hidden)
    names = _valid(domains) or (cluster.domain,)
    try:
        keys = dkim.published(cluster, path.parent)
    except RelevoError as error:
        keys = dkim.without_platform(names, cluster, own, error)
        prose.print(_(
            "The platform can't be asked for its DKIM keys ({reason}): this is the one that `relevo init` has made."
        ).format(reason=error), markup=False)
    if strange := [name for name in names if name not in keys]:
        prose.print(_(
            "These have no DKIM key: {names}. `relevo dkim make DOMAIN` makes one."
        ).format(names=", ".join(strange)), markup=False)
    return cluster, dns.wanted(cluster, {name: keys.get(name, ()) for name in names})


def _valid(domains: list[str] | None) -> tuple[str, ...]:
    names = tuple(name.lower().rstrip(".") for name in domains or ())
    for name in names:
        try:
            TypeAdapter(DomainName).validate_python(name)
        except ValidationError:
            text = _("{name} is not a domain name; write one such as example.com")
            raise UsageError(text.format(name=name)) from None
    return names


def _table(records: tuple[Record, ...]) -> Table:
    table = _columns(_("name"), _("type"), _("data"))
    for record in records:
        table.add_row(record.name, record.type, Text(record.data))
    return table


def _findings_table(findings: tuple[Finding, ...]) -> Table:
    table = _columns(_("name"), _("type"), _("verdict"), _("found"), _("publish"))
    words = {Verdict.RIGHT: _("right"), Verdict.WRONG: _("wrong"), Verdict.MISSING: _("missing")}
    for finding in findings:
        right = finding.verdict is Verdict.RIGHT
        table.add_row(
            finding.record.name, finding.record.type, Text(words[finding.verdict], style=_COLOURS[finding.verdict]),
            Text("" if right else "\n".join(finding.found)), Text("" if right else finding.record.data),
        )
    return table


def _columns(*titles: str) -> Table:
    """Return an empty table whose cells are broken, not cut: a key must be readable to its end."""
    table = Table()
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _remarks(cluster: Cluster) -> None:
    if address := dns.unreachable_address(cluster):
        prose.print(_(
            "{address} can't be reached from the internet: give the address that your router passes on to it as "
            "dns.public_address."
        ).format(address=address))
    prose.print(_("The PTR record is made by whoever gave you the address, usually your provider."))


def _json(record: Record) -> dict[str, str]:
    return {"name": record.name, "type": record.type, "data": record.data}

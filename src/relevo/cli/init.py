"""`relevo init`: a cluster file and its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from relevo.alerts.own_ways import template
from relevo.alerts.ways import FILE_NAME
from relevo.cli.common import DEFAULT_FILE, prose
from relevo.cluster import load, new, secrets
from relevo.deploy.rollout import SECRETS_NAME
from relevo.errors import UsageError
from relevo.i18n import _, language


def init(  # noqa: PLR0917 - Typer reads the options from the parameters
    folder: Path = typer.Argument(Path(), help=_("where to write the two files")),
    name: str = typer.Option("", help=_("short name of the cluster")),
    domain: str = typer.Option("", help=_("first mail domain")),
    subnet: str = typer.Option("", help=_("network of the machines, e.g. 192.168.100.0/24")),
    vip: str = typer.Option("", help=_("virtual IP")),
    vip6: str = typer.Option("", help=_("virtual IP of IPv6 beside it, with prefix length, e.g. fd00:100::100/64")),
    mail01: str = typer.Option("", help=_("address of the preferred mail node")),
    mail02: str = typer.Option("", help=_("address of the other mail node")),
    storage01: str = typer.Option("", help=_("address of the storage machine")),
) -> None:
    """Write a commented cluster file and its secrets; what is not given is as in the example, no file is replaced."""
    path, hidden = folder / DEFAULT_FILE, folder / SECRETS_NAME
    if path.exists():
        raise UsageError(_("{file} is there already; edit it, or choose another folder").format(file=path))
    answers = {
        ("cluster", "name"): name,
        ("cluster", "domain"): domain,
        ("network", "subnet"): subnet,
        ("network", "vip"): vip,
        ("network", "vip6"): vip6,
        ("nodes.mail01", "address"): mail01,
        ("nodes.mail02", "address"): mail02,
        ("nodes.storage01", "address"): storage01,
    }
    text = new.fill(new.example(language()), {key: f'"{value}"' for key, value in answers.items() if value})
    if domain:
        text = text.replace("chocolatesparati.com.bo", domain)
    cluster = load.parse(text, _("what you gave"))
    folder.mkdir(parents=True, exist_ok=True)
    if not hidden.exists():
        secrets.write(secrets.generate(cluster), hidden)
    if not (ways := folder / FILE_NAME).exists():
        _write_new(ways, template(), mode=0o600)
    _write_new(path, text)
    prose.print(
        _("Written: {file}, and {secrets} (keep it safe: it opens every mailbox).").format(file=path, secrets=hidden)
    )
    prose.print(_("To whom alerts are sent: write it into {file}.").format(file=ways))
    prose.print(_("Next: edit {file}, then relevo check").format(file=path))


def _write_new(path: Path, text: str, mode: int = 0o644) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)

"""Converge DNS on a node: zones and configuration, the server, and only then who this machine asks."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster import wires
from relevo.cluster.pki import dkim_public_key
from relevo.deploy.files import absent, config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import read_text, wait_until
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.records.zone import with_serial
from relevo.services.base import Context, File
from relevo.services.bind.health import LOCAL, NOERROR, SOA, ask
from relevo.services.bind.render import render
from relevo.services.bind.settings import CONFIG, RESOLV_CONF, UNIT, ZONES
from relevo.services.bind.zone import first_key_zone

# Every BIND serves this zone by itself (RFC 6303), so it answers as soon as it is up, with or without a network.
_OWN_ZONE = "127.in-addr.arpa"
_RESOLVED = ("systemd-resolved-monitor.socket", "systemd-resolved-varlink.socket", "systemd-resolved.service")


def deploy(ctx: Context) -> None:
    """Bring the server to the wanted state, wait until it answers, then point the machine at it."""
    if ctx.cluster.dns.manage and ctx.node.is_mail:
        _have_key_zone(ctx)
    rendered = render(ctx)
    files = [_numbered(file) for file in rendered if file.path != RESOLV_CONF]
    config_tree(files, checks=[["named-checkconf", "-z", CONFIG]])
    absent(*_old_zones(files))
    unit(UNIT, files=files, reload=True, ready=_wait_for_answer)
    config_tree([file for file in rendered if file.path == RESOLV_CONF])
    disabled(*_RESOLVED)


def _have_key_zone(ctx: Context) -> None:
    """Have a zone of DKIM keys to begin with; from then on it is relevo-dkim's, which knows the database."""
    path = Path(wires.DKIM_ZONES, wires.dkim_zone(ctx.cluster))
    directory(wires.DKIM_ZONES)

    def write() -> None:
        text = first_key_zone(ctx.cluster, dkim_public_key(ctx.secrets.reveal("dkim_key")))
        path.write_text(with_serial(text, None, int(time.time())))

    name = _("zone {name}").format(name=path.name)
    step(name, lambda: None if path.exists() else _("write it with the first key"), write)


def _numbered(file: File) -> File:
    """Give a zone file its serial; other files stay as they are."""
    if not file.path.startswith(f"{ZONES}/"):
        return file
    return replace(file, content=with_serial(file.data.decode(), read_text(file.path), int(time.time())))


def _old_zones(files: list[File]) -> list[str]:
    """Name zone files of ours that no zone uses any more."""
    wanted = {file.path for file in files}
    folder = Path(ZONES)
    return sorted(str(path) for path in folder.iterdir() if str(path) not in wanted) if folder.is_dir() else []


def _wait_for_answer() -> None:
    wait_until(_answers, within=20, what=_("BIND to answer on 127.0.0.1"))


def _answers() -> bool:
    try:
        return ask(_OWN_ZONE, SOA, LOCAL, Deadline(1)).code == NOERROR
    except ProbeFailed:
        return False

"""Converge the database on a mail node: files, server, the note that a cluster exists, schemas and accounts."""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.deploy.units import is_active, unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.mariadb import accounts, own_certificate, server
from relevo.services.mariadb.render import render
from relevo.services.mariadb.settings import NOTE, START_SECONDS, UNIT


def deploy(ctx: Context) -> None:
    """Converge this node's database."""
    if own_certificate.wanted(ctx):
        step(_("certificate"), own_certificate.needed, own_certificate.make)
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=files, start=lambda verb: server.start(ctx, verb), ready=server.wait_synced, within=START_SECONDS)
    step(_("place in the cluster"), _lost_its_place, lambda: _join_again(ctx))
    step(_("note of the cluster"), _note_needed, _write_note)
    step(_("schemas and accounts"), lambda: accounts.needed(ctx), lambda: accounts.bring_up_to_date(ctx))


def _lost_its_place() -> str | None:
    """Find a server that systemd calls active but that fell out of the cluster and will not come back by itself."""
    if not is_active(UNIT):
        return None  # the step before says so
    try:
        return None if server.is_in_majority() else _("restart: it runs, but is in no cluster")
    except CommandFailed:
        return _("restart: it runs, but does not answer")


def _join_again(ctx: Context) -> None:
    """Give it the time in which a short interruption heals by itself, and restart it only then."""
    try:
        wait_until(server.is_in_majority, within=15, what=_("this node to find the cluster again"), every=0.5)
    except CommandFailed:
        server.start(ctx, "restart")
    server.wait_synced()


def _note_needed() -> str | None:
    return None if Path(NOTE).exists() else _("note on the shared storage that a cluster exists")


def _write_note() -> None:
    """Write it before any account is made: from then on no node with an empty disk begins a second cluster."""
    note = Path(NOTE)
    new = note.with_name(note.name + ".new")
    new.write_text(server.status()["wsrep_cluster_state_uuid"] + "\n")
    new.replace(note)

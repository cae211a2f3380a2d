"""The files of the administration on the web: what it is told, its units, and its room in nginx."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.web import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    return (*sockets(ctx), *read_by_the_unit(ctx), _file(settings.ROOM))


def sockets(ctx: Context) -> tuple[File, ...]:  # noqa: ARG001 - like its neighbours
    """Return the units of the sockets, and what is started for each question to the second one."""
    names = (settings.SOCKET_UNIT, settings.FORGET_SOCKET_UNIT, "relevo-forget@.service")
    return tuple(_file(f"/etc/systemd/system/{name}") for name in names)


def read_by_the_unit(ctx: Context) -> tuple[File, ...]:
    """Return what the application reads at its start."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    return File(settings.CONFIG, told, mode=0o600, secret=True), _file(f"/etc/systemd/system/{settings.UNIT}")


def _told(ctx: Context) -> dict[str, object]:
    """Return all that the application is told; of the secrets three."""
    cluster = ctx.cluster
    return {
        "hostname": cluster.hostname,
        "domain": cluster.domain,
        "postmaster": cluster.cluster.postmaster,
        "default_quota_mb": cluster.mail.default_quota_mb,
        "language": cluster.cluster.language,
        "timezone": cluster.cluster.timezone,
        "second_factor": cluster.web.second_factor,
        "static_root": wires.WEB_STATIC,
        "database_user": wires.DATABASE_WEB,
        "database_password": ctx.secrets.reveal("database_web"),
        "quarantine_days": cluster.filter.quarantine_days,
        "quarantine_mb": cluster.filter.quarantine_mb,
        "quarantine_password": ctx.secrets.reveal("quarantine_mailbox"),
        "secret_key": ctx.secrets.reveal("django_key"),
    }


def _file(path: str) -> File:
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings))

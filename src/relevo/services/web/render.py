"""The files of the administration on the web: what it is told, its units, and its room in nginx."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.cluster.model import Cluster
from relevo.cluster.sealing import lock_of
from relevo.records.facts import facts
from relevo.services.base import Context, File, template
from relevo.services.web import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    servers = _file(settings.SERVERS, cluster=ctx.cluster)
    return (*sockets(ctx), *profiles(ctx), *view(ctx), *read_by_the_unit(ctx), _file(settings.ROOM), servers)


def sockets(ctx: Context) -> tuple[File, ...]:  # noqa: ARG001 - like its neighbours
    """Return the units of the sockets, and what is started for each question to the second one."""
    return tuple(map(_unit, (settings.SOCKET_UNIT, settings.FORGET_SOCKET_UNIT, "relevo-forget@.service")))


def profiles(ctx: Context) -> tuple[File, ...]:
    """Return the socket at which profiles are signed, and what is started for each."""
    path = "/etc/systemd/system/relevo-profile@.service"
    return _unit(settings.PROFILE_SOCKET_UNIT), _file(path, hostname=ctx.cluster.hostname)


def view(ctx: Context) -> tuple[File, ...]:
    """Return the socket at which the agent's view is seen, and its service."""
    return _unit(settings.VIEW_SOCKET_UNIT), _paced(ctx, settings.VIEW_UNIT)


def read_by_the_unit(ctx: Context) -> tuple[File, ...]:
    """Return what the application reads at its start."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    return File(settings.CONFIG, told, mode=0o600, secret=True), _paced(ctx, settings.UNIT)


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
        "dns": facts(cluster, outside=True).as_json(),
        "dkim_selector": cluster.dns.dkim_selector,
        "dkim_lock": lock_of(ctx.secrets.reveal("dkim_box_key")),
        "static_root": wires.WEB_STATIC,
        "database_user": wires.DATABASE_WEB,
        "database_password": ctx.secrets.reveal("database_web"),
        "quarantine_days": cluster.filter.quarantine_days,
        "quarantine_mb": cluster.filter.quarantine_mb,
        "digest": cluster.filter.sends_digest,
        "digest_hour": cluster.filter.digest_hour,
        "quarantine_password": ctx.secrets.reveal("quarantine_mailbox"),
        "secret_key": ctx.secrets.reveal("django_key"),
        "platform": _platform(ctx.cluster),
    }


def _platform(cluster: Cluster) -> dict[str, object]:
    """Return what is told of the machines: as much of the cluster file as their report is judged by."""
    part = {"cluster": {"name", "domain"}, "network": {"subnet", "vip"}, "storage": {"kind"}, "dhcp": {"server"}}
    told = cluster.model_dump(mode="json", include={**part, "certificates": {"source"}, "nodes": True})
    for node in told["nodes"].values():
        node["roles"] = sorted(node["roles"])
    return told


def _unit(name: str) -> File:
    return _file(f"/etc/systemd/system/{name}")


def _paced(ctx: Context, name: str) -> File:
    """Return a unit that waits for the agent as long as the agent may take."""
    failover = ctx.cluster.failover
    return _file(f"/etc/systemd/system/{name}", patience="" if failover.patience == 1 else failover.paced(1))


def _file(path: str, **more: object) -> File:
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings, **more))

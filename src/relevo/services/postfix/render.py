"""Postfix's configuration, its SQL maps, the list policy and the drop-in."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.model import Cluster
from relevo.services.base import Context, File, template
from relevo.services.postfix.settings import (
    CHECKED_MARK,
    FINISH_SECONDS,
    LIST_POSTER,
    LIST_POSTER_MAP,
    LIST_POSTER_USER,
    MAPS,
    OWN_UNIT_FILE,
    QUEUE_UNIT,
    SMTPD_DIRECTORY,
    UNIT,
    has_instances,
    knows_retry_interval,
    smtpd_processes,
)

_DROP_IN = f"etc/systemd/system/{UNIT}.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; the SQL maps hold a password and are secret."""
    return (
        *(_map(ctx, f"/etc/postfix/sql/{name}.cf", name, group="postfix") for name in MAPS),
        _map(ctx, LIST_POSTER_MAP, "list_poster", group=LIST_POSTER_USER),
        File(LIST_POSTER, template(__package__, f"{LIST_POSTER.lstrip('/')}.j2", map=LIST_POSTER_MAP), mode=0o755),
        *(
            File(command, template(__package__, f"{command.lstrip('/')}.j2"), mode=0o755)
            for command in (wires.QUEUE_LINKS_COMMAND, wires.FINISH_COMMAND)
        ),
        _file(ctx, "etc/postfix/main.cf"),
        _file(ctx, "etc/postfix/master.cf"),
        _file(ctx, "etc/default/postfix"),
        _file(ctx, f"etc/systemd/system/{QUEUE_UNIT}"),
        *((_file(ctx, OWN_UNIT_FILE.lstrip("/")),) if has_instances(ctx) else ()),
        _file(ctx, _DROP_IN),
    )


def _file(ctx: Context, path: str) -> File:
    cluster = ctx.cluster
    text = template(
        __package__, f"{path}.j2", cluster=cluster, wires=wires, queue=wires.queue_directory(ctx.node.name),
        release=ctx.facts.release, own_addresses=" ".join(_own_addresses(cluster)),
        size=cluster.mail.message_size_mb * 1024 * 1024, processes=smtpd_processes(cluster),
        list_poster=LIST_POSTER, list_poster_user=LIST_POSTER_USER,
        quarantine=wires.quarantine_mailbox(cluster.domain), held=wires.held_mailbox(cluster.domain),
        queue_unit=QUEUE_UNIT, smtpd_directory=SMTPD_DIRECTORY, checked=CHECKED_MARK,
        finish_seconds=FINISH_SECONDS,
    )
    return File(f"/{path}", text)


def _own_addresses(cluster: Cluster) -> list[str]:
    """Return the nodes' addresses and the virtual ones, as Postfix writes them in lists."""
    vip6 = [f"[{cluster.vip6}]"] if cluster.vip6 else []
    return [*(str(node.address) for node in cluster.mail_nodes), cluster.vip, *vip6]


def _map(ctx: Context, path: str, name: str, *, group: str) -> File:
    text = template(
        __package__, f"etc/postfix/sql/{name}.cf.j2", wires=wires, hosts=_hosts(ctx),
        knows_retry_interval=knows_retry_interval(ctx), password=ctx.secrets.reveal("database_postfix"),
    )
    return File(path, text, mode=0o640, group=group, secret=True)


def _hosts(ctx: Context) -> str:
    """Return the database's socket, twice for a Postfix that does not know `retry_interval`.

    That one leaves a server alone for 60 s after a query that failed, and a connection that the server has closed
    meanwhile is such a failure. The same server by a second name is asked at once, by a new connection.
    """
    socket = f"unix:{wires.MYSQL_SOCKET}"
    return socket if knows_retry_interval(ctx) else f"{socket} {socket}"

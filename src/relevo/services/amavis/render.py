"""Amavis's configuration, its hooks and their login, its drop-in and the DKIM key."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.model import Cluster
from relevo.services.amavis.settings import (
    BANNED_EXTENSIONS,
    CONFIGURATION,
    DATABASE_LOGIN,
    HOOKS,
    UNIT,
    USER,
    WORK_DIRECTORY,
    allowed_points,
    blocked_points,
    key_file,
    submission_reject_score,
)
from relevo.services.base import Context, File, template

_DROP_IN = f"etc/systemd/system/{UNIT}.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; those with the key and the password are secret."""
    cluster = ctx.cluster
    configuration = template(
        __package__, "etc/amavis/conf.d/60-relevo.j2", cluster=cluster, wires=wires, key_file=key_file(ctx),
        submission_reject_score=submission_reject_score(cluster.filter), banned="|".join(BANNED_EXTENSIONS),
        work=WORK_DIRECTORY,
    )
    key = ctx.secrets.reveal("dkim_key")
    return (
        File(key_file(ctx), key, mode=0o640, group=USER, secret=True, check=("openssl", "pkey", "-noout", "-in", "{}")),
        File("/etc/mailname", f"{cluster.hostname}\n"),  # Debian's own files of Amavis read it at each start
        File(CONFIGURATION, configuration),
        File(HOOKS, _hooks(cluster)),
        File(DATABASE_LOGIN, _login(ctx), mode=0o640, group=USER, secret=True),
        File(f"/{_DROP_IN}", template(__package__, f"{_DROP_IN}.j2", work=WORK_DIRECTORY)),
    )


def _hooks(cluster: Cluster) -> str:
    return template(
        __package__, f"{HOOKS.lstrip('/')}.j2", cluster=cluster, wires=wires, login=DATABASE_LOGIN,
        quarantine=wires.quarantine_mailbox(cluster.domain),
        allowed_points=allowed_points(cluster.filter), blocked_points=blocked_points(cluster.filter),
    )


def _login(ctx: Context) -> str:
    return template(
        __package__, f"{DATABASE_LOGIN.lstrip('/')}.j2", wires=wires, password=ctx.secrets.reveal("database_amavis")
    )

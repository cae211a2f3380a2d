"""Amavis's configuration, its hooks with their login, its drop-in; relevo-dkim lays its keys down (services/dkim)."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.model import Cluster
from relevo.services.amavis.settings import (
    BANNED_EXTENSIONS,
    CONFIGURATION,
    DATABASE_LOGIN,
    HOOKS,
    SUBJECT_KEY,
    UNIT,
    USER,
    WORK_DIRECTORY,
    allowed_points,
    blocked_points,
    submission_reject_score,
)
from relevo.services.base import Context, File, template
from relevo.trace.subjects import key_of

_DROP_IN = f"etc/systemd/system/{UNIT}.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; the one with the password is secret."""
    cluster = ctx.cluster
    configuration = template(
        __package__, "etc/amavis/conf.d/60-relevo.j2", cluster=cluster, wires=wires,
        submission_reject_score=submission_reject_score(cluster.filter), banned="|".join(BANNED_EXTENSIONS),
        work=WORK_DIRECTORY,
    )
    return (
        File("/etc/mailname", f"{cluster.hostname}\n"),  # Debian's own files of Amavis read it at each start
        File(CONFIGURATION, configuration),
        File(HOOKS, _hooks(cluster)),
        File(DATABASE_LOGIN, _login(ctx), mode=0o640, group=USER, secret=True),
        File(SUBJECT_KEY, key_of(ctx.secrets.reveal("django_key")) + "\n", mode=0o640, group=USER, secret=True),
        File(f"/{_DROP_IN}", template(__package__, f"{_DROP_IN}.j2", work=WORK_DIRECTORY)),
    )


def _hooks(cluster: Cluster) -> str:
    return template(
        __package__, f"{HOOKS.lstrip('/')}.j2", cluster=cluster, wires=wires, login=DATABASE_LOGIN,
        subject_key=SUBJECT_KEY, quarantine=wires.quarantine_mailbox(cluster.domain),
        allowed_points=allowed_points(cluster.filter), blocked_points=blocked_points(cluster.filter),
    )


def _login(ctx: Context) -> str:
    return template(
        __package__, f"{DATABASE_LOGIN.lstrip('/')}.j2", wires=wires, password=ctx.secrets.reveal("database_amavis")
    )

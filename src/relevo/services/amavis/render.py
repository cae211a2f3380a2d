"""Amavis's configuration and its drop-in; the keys that it signs with are laid down by relevo-dkim (services/dkim)."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.amavis.settings import (
    BANNED_EXTENSIONS,
    CONFIGURATION,
    UNIT,
    WORK_DIRECTORY,
    submission_reject_score,
)
from relevo.services.base import Context, File, template

_DROP_IN = f"etc/systemd/system/{UNIT}.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; none of them is secret."""
    cluster = ctx.cluster
    configuration = template(
        __package__, "etc/amavis/conf.d/60-relevo.j2", cluster=cluster, wires=wires,
        submission_reject_score=submission_reject_score(cluster.filter), banned="|".join(BANNED_EXTENSIONS),
        work=WORK_DIRECTORY,
    )
    return (
        File("/etc/mailname", f"{cluster.hostname}\n"),  # Debian's own files of Amavis read it at each start
        File(CONFIGURATION, configuration),
        File(f"/{_DROP_IN}", template(__package__, f"{_DROP_IN}.j2", work=WORK_DIRECTORY)),
    )


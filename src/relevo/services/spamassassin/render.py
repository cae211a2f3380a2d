"""SpamAssassin's configuration files."""

from __future__ import annotations

import re

from relevo.services.base import Context, File, template
from relevo.services.spamassassin.settings import (
    CERTAIN,
    DMARC_CONFIGURATION,
    LOCAL_CONFIGURATION,
    PLUGINS,
    between,
)


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    cluster = ctx.cluster
    ours = (*(str(peer.address) for peer in cluster.mail_nodes), cluster.vip, *filter(None, [cluster.vip6]))
    local = template(
        __package__, "etc/spamassassin/local.cf.j2",
        trusted=" ".join(ours), domain_pattern=re.escape(cluster.domain).replace("@", r"\@"), certain=CERTAIN,
        between=between(cluster.filter), online=cluster.filter.signatures == "online",
    )
    return (
        File(PLUGINS, template(__package__, f"{PLUGINS.lstrip('/')}.j2")),
        File(LOCAL_CONFIGURATION, local),
        File(DMARC_CONFIGURATION, template(__package__, "etc/mail-dmarc.ini.j2", cluster=cluster)),
    )

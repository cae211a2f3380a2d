"""Converge a node's part of the accounts: tables, rights, and what a new platform has in them.

Both mail nodes have the same steps, as either may be the first to meet a new version; Galera brings what one of them
did to the other, which then finds nothing to do.
"""

from __future__ import annotations

from pathlib import Path

from relevo import directory
from relevo.cluster import wires
from relevo.deploy.operations import step
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.directory import rights


def deploy(ctx: Context) -> None:
    """Bring the accounts' database to what this version needs."""
    if not Path(wires.CLUSTER_FILE).exists():  # the plan of a bare machine: an apply has brought it by now
        step(_("accounts"), lambda: _("make the tables, and what a new platform has in them"), directory.start)
        return
    directory.start()
    from relevo.directory import install  # noqa: PLC0415 - only a started Django can be imported

    password = ctx.secrets.reveal("probe_mailbox")
    step(_("tables"), install.tables_wanting, install.migrate)
    step(_("rights on views and tables"), lambda: rights.wanting(ctx.secrets), lambda: rights.grant(ctx.secrets))
    step(_("first domain"), install.first_domain_wanting, install.add_first_domain)
    key = install.FirstKey(ctx.secrets.reveal("dkim_key"))
    step(_("DKIM key of the first domain"), key.wanting, key.adopt)
    for node in ctx.cluster.mail_nodes:
        probe = install.OwnMailbox(wires.probe_mailbox(node.name, ctx.cluster), password)
        step(_("mailbox of {name}'s probes").format(name=node.name), probe.wanting, probe.ensure)
    copies = install.OwnMailbox(
        wires.quarantine_mailbox(ctx.cluster.domain), ctx.secrets.reveal("quarantine_mailbox"),
        quota_mb=ctx.cluster.filter.quarantine_mb,
    )
    step(_("mailbox of the quarantine"), copies.wanting, copies.ensure)
    held = install.OwnMailbox(
        wires.held_mailbox(ctx.cluster.domain), ctx.secrets.reveal("quarantine_mailbox"), quota_mb=wires.HELD_MB,
    )
    step(_("mailbox of posts that wait"), held.wanting, held.ensure)
    step(_("postmaster and abuse"), install.postmaster_wanting, install.ensure_postmaster)

"""The files of fail2ban: its jails, and filters for what the stock ones don't know."""

from __future__ import annotations

from relevo.services.base import Context, File, template
from relevo.services.fail2ban.settings import never_banned

JAILS = "etc/fail2ban/jail.d/relevo.conf"
MAIL_FILTERS = ("etc/fail2ban/filter.d/relevo-dovecot.conf", "etc/fail2ban/filter.d/relevo-roundcube.conf")


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; machines without mail have only the jail for SSH."""
    dovecot = ctx.facts.release.programs.dovecot  # each writes its log in another way
    jails = template(
        __package__, f"{JAILS}.j2",
        never_banned=never_banned(ctx.cluster), mail=ctx.node.is_mail, dovecot=dovecot, ssh_port=ctx.cluster.ssh.port,
    )
    filters = MAIL_FILTERS if ctx.node.is_mail else ()
    return (
        File(f"/{JAILS}", jails),
        *(File(f"/{path}", template(__package__, f"{path}.j2", dovecot=dovecot)) for path in filters),
    )

"""Converge SpamAssassin's rules on a mail node. Amavis loads them at its start."""

from __future__ import annotations

from relevo.deploy.files import config_tree
from relevo.deploy.units import disabled, unit
from relevo.services.base import Context
from relevo.services.spamassassin.render import render
from relevo.services.spamassassin.settings import UPDATE_TIMER

_LINT = ("spamassassin", "--lint")
# Without these libraries SpamAssassin says nothing and takes forged mail for good.
_JUDGES_FORGERY = ("perl", "-MMail::SPF", "-MMail::DKIM", "-MMail::DMARC::PurePerl", "-e", "1")


def deploy(ctx: Context) -> None:
    """Place the configuration; have the rules updated daily where there is internet."""
    config_tree(render(ctx), checks=(_JUDGES_FORGERY, _LINT))
    if ctx.cluster.filter.signatures == "online":
        unit(UPDATE_TIMER)
    else:
        disabled(UPDATE_TIMER)

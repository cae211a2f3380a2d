"""SpamAssassin's packages, and the scores that Relevo gives to what is certain."""

from __future__ import annotations

from relevo.cluster.model import FilterSection
from relevo.services.base import Context

LOCAL_CONFIGURATION = "/etc/spamassassin/local.cf"
DMARC_CONFIGURATION = "/etc/mail-dmarc.ini"
PLUGINS = "/etc/spamassassin/v310.pre"
UPDATE_TIMER = "spamassassin-maintenance.timer"

CERTAIN = 100.0  # above every spam_reject_score that makes sense: refused, whatever else the message has


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages; gpg is what sa-update checks its rules with."""
    return (
        "spamassassin", "libmail-dkim-perl", "libmail-spf-perl", "libmail-dmarc-perl", "publicsuffix",
        "gpg", "gpg-agent",
    )


def between(scores: FilterSection) -> float:
    """Return the score halfway between `spam` and `refused`: filed in Junk when it comes from outside."""
    return round((scores.spam_tag_score + scores.spam_reject_score) / 2, 1)

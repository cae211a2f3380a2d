"""Amavis's packages and numbers."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.model import FilterSection
from relevo.services.base import Context

UNIT = "amavis.service"
USER = wires.AMAVIS_USER
# Started by Debian's package, of no use without Amavis's own statistics database.
UNWANTED_UNITS = ("amavis-mc.service", "amavisd-snmp-subagent.service")
CONFIGURATION = "/etc/amavis/conf.d/60-relevo"
HOOKS = "/etc/amavis/conf.d/65-relevo-hooks"
DATABASE_LOGIN = "/etc/relevo/amavis.cnf"  # for the hook that asks for rules of senders
SUBJECT_KEY = "/etc/relevo/amavis-subjects.key"  # for the one that logs digests of subjects
# Written by services/spamassassin; Amavis loads them at its start and must be started again after a change.
READ_AT_START = ("/etc/spamassassin/local.cf", "/etc/spamassassin/v310.pre", "/etc/mail-dmarc.ini")
WORK_DIRECTORY = "/var/lib/amavis/tmp"  # in memory: see the drop-in

# What Windows starts at a double click; the list of Debian's package and what has been abused since.
BANNED_EXTENSIONS = (
    "exe", "com", "scr", "pif", "bat", "cmd", "cpl", "dll", "msi", "hta", "vbs", "vbe", "js", "jse", "wsf", "wsh",
    "ps1", "lnk", "reg",
)


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages: Amavis, and what it unpacks attachments with.

    With File::LibMagic it tells a part's type itself, else it forks file(1) for each message, which takes 25 ms.
    """
    return (
        "amavisd-new", "libfile-libmagic-perl", "libdbd-mysql-perl",
        "7zip", "arj", "bzip2", "cabextract", "cpio", "file", "lzop", "unzip", "xz-utils",
    )


def submission_reject_score(scores: FilterSection) -> float:
    """Return the score from which our own users' mail is refused: a quarter of the way from `spam` to `refused`.

    Such a machine is infected, or its password stolen; if not, the sender is there and reads the refusal.
    """
    return round(scores.spam_tag_score + (scores.spam_reject_score - scores.spam_tag_score) / 4, 1)


def allowed_points(scores: FilterSection) -> float:
    """Return what a message of an allowed sender gets: twice the way from `refused` back to `spam`.

    Spam's usual scores end in the inbox so; forged mail, with its 100 points, is refused all the same.
    """
    return -round(2 * (scores.spam_reject_score - scores.spam_tag_score), 1)


def blocked_points(scores: FilterSection) -> float:
    """Return what a message of a blocked sender gets: enough for it to be refused, whatever speaks for it."""
    return round(2 * scores.spam_reject_score, 1)

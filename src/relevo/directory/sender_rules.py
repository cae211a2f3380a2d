"""What is said of senders: allowed or blocked, by a mailbox's owner, for a domain, or for all.

The filter reads a view of it for each message (services/amavis): points off for an allowed sender, points on for a
blocked one. The nearest word counts: the owner's before the domain's before that for all; an address before its domain.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from relevo.directory import audit
from relevo.directory.addresses import any_address, domain_name
from relevo.directory.database import changing
from relevo.directory.models import Domain, Mailbox
from relevo.directory.quarantine_models import SenderRule, Verdict
from relevo.directory.registry import find_domain, find_mailbox
from relevo.errors import DirectoryError
from relevo.i18n import _

ALL = "*"  # how a rule for everybody is written, also in the audit log
MOST_OF_OWNER = 500


@changing
def say(verdict: str, sender: str, recipient: str = ALL) -> SenderRule:
    """Allow or block a sender, in place of what was said before.

    Args:
        verdict: out of Verdict.
        sender: an address, or a domain for everybody in it, with or without its '@'.
        recipient: a mailbox of ours, one of our domains, or ALL.
    """
    if verdict not in Verdict.values:
        raise DirectoryError(_("{verdict!r} is neither allow nor block").format(verdict=verdict))
    domain, mailbox = whom(recipient)
    who = sender_of(sender)
    if mailbox and SenderRule.objects.filter(mailbox=mailbox).count() >= MOST_OF_OWNER:
        raise DirectoryError(_("at most {most} senders: remove some first").format(most=MOST_OF_OWNER))
    key = mailbox.address if mailbox else domain.at_name if domain else ""
    made, _new = SenderRule.objects.update_or_create(
        recipient=key, sender=who, defaults={"verdict": verdict, "domain": domain, "mailbox": mailbox}
    )
    audit.record(f"sender.{verdict}", _subject(made), sender=who)
    return made


@changing
def remove(rule: SenderRule) -> None:
    """Take back what was said."""
    audit.record("sender.remove", _subject(rule), sender=rule.sender, verdict=rule.verdict)
    rule.delete()


def find(sender: str, recipient: str = ALL) -> SenderRule:
    """Return what is said of a sender for a recipient; raise DirectoryError when nothing is."""
    domain, mailbox = whom(recipient)
    found = SenderRule.objects.filter(domain=domain, mailbox=mailbox, sender=sender_of(sender)).first()
    if not found:
        raise DirectoryError(_("nothing is said of {sender} there: `relevo sender list`").format(sender=sender))
    return found


def listing() -> QuerySet[SenderRule]:
    """Return all that is said."""
    return SenderRule.objects.select_related("domain", "mailbox")


def concerning(rows: QuerySet[SenderRule], domain: str) -> QuerySet[SenderRule]:
    """Return those of some rules that are for a domain, or for a mailbox in it."""
    return rows.filter(Q(domain__name=domain) | Q(mailbox__domain__name=domain))


def of_owner(box: Mailbox) -> QuerySet[SenderRule]:
    """Return what a mailbox's owner has said."""
    return SenderRule.objects.filter(mailbox=box)


def sender_of(text: str) -> str:
    """Return how a sender is written: an address, or '@' and a domain."""
    word = text.strip()
    if "@" in word.lstrip("@"):
        return str(any_address(word))
    return f"@{domain_name(word.lstrip('@'))}"


def recipient_of(text: str) -> str:
    """Return how somebody for whom a rule can be is written: ALL, a domain's name, or an address."""
    return ALL if text.strip() == ALL else sender_of(text).removeprefix("@")


def whom(text: str) -> tuple[Domain | None, Mailbox | None]:
    """Return for whom a rule is: a domain, a mailbox, or neither, which is everybody."""
    word = text.strip()
    if word == ALL:
        return None, None
    if "@" in word.lstrip("@"):
        return None, find_mailbox(word)
    domain = find_domain(word.lstrip("@"))
    if domain.alias_of:
        raise DirectoryError(
            _("{domain} is an alias domain: what is said for {real} counts there, too")
            .format(domain=domain, real=domain.alias_of)
        )
    return domain, None


def _subject(rule: SenderRule) -> str:
    return rule.recipient or ALL

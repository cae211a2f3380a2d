"""What an administrator may see and change: a global one everything, a domain's one only what is in their domains.

The web and the API take every row that they show, offer or change out of these, never out of the models themselves.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from relevo.directory import sender_rules as all_rules
from relevo.directory import tokens as all_tokens
from relevo.directory.administrators import listing as all_administrators
from relevo.directory.api_models import ApiToken
from relevo.directory.dkim import keys
from relevo.directory.dkim_models import DkimKey
from relevo.directory.held import sight as held_sight
from relevo.directory.models import Administrator, AuditEntry, DistributionList, Domain
from relevo.directory.quarantine.sight import EVERYTHING, Sight
from relevo.directory.quarantine_models import SenderRule

_M = TypeVar("_M", bound=Model)


def domains(administrator: Administrator) -> QuerySet[Domain]:
    """Return the domains of an administrator."""
    found = Domain.objects.all() if administrator.is_global else administrator.domains.all()
    return found.select_related("alias_of")


def within(administrator: Administrator, rows: QuerySet[_M]) -> QuerySet[_M]:
    """Return those mailboxes, aliases or lists that an administrator may see and change."""
    return rows if administrator.is_global else rows.filter(domain__in=administrator.domains.all())


def dkim_keys(administrator: Administrator) -> QuerySet[DkimKey]:
    """Return the DKIM keys of an administrator's domains."""
    return within(administrator, keys.listing())


def queue_domains(administrator: Administrator) -> list[str] | None:
    """Return the domains whose messages in the mail queues an administrator sees, None for all messages."""
    return None if administrator.is_global else sorted(administrator.domains.values_list("name", flat=True))


def quarantine(administrator: Administrator) -> Sight:
    """Return which copies in the quarantine an administrator sees, and which of their recipients."""
    if administrator.is_global:
        return EVERYTHING
    own = list(administrator.domains.values_list("pk", "name"))
    names = Domain.objects.filter(alias_of__in=[pk for pk, _name in own]).values_list("name", flat=True)
    return Sight(domains=frozenset({*(name for _pk, name in own), *names}))


def held(administrator: Administrator) -> held_sight.Sight:
    """Return to which lists an administrator sees posts that wait for an owner."""
    if administrator.is_global:
        return held_sight.EVERYTHING
    own = DistributionList.objects.filter(domain__in=administrator.domains.all())
    return held_sight.Sight(frozenset(own.values_list("pk", flat=True)))


def sender_rules(administrator: Administrator) -> QuerySet[SenderRule]:
    """Return what is said of senders in the administrator's domains; what is said for all only a global one sees."""
    rules = all_rules.listing()
    if administrator.is_global:
        return rules
    own = administrator.domains.all()
    return rules.filter(Q(domain__in=own) | Q(mailbox__domain__in=own))


def may_speak_for(administrator: Administrator, recipient: str) -> bool:
    """Tell whether an administrator may say something of senders for somebody, be they there or not."""
    own = recipient.rpartition("@")[2]
    return administrator.is_global or administrator.domains.filter(name=own).exists()


def audit_entries(administrator: Administrator) -> QuerySet[AuditEntry]:
    """Return what was done in the administrator's domains; what was done to administrators only a global one sees."""
    if administrator.is_global:
        return AuditEntry.objects.all()
    names = administrator.domains.values("name")
    return AuditEntry.objects.filter(domain__in=names).exclude(action__startswith="admin.")


def administrators(administrator: Administrator) -> QuerySet[Administrator]:
    """Return all administrators to a global one, none to others."""
    return all_administrators() if administrator.is_global else Administrator.objects.none()


def tokens(administrator: Administrator) -> QuerySet[ApiToken]:
    """Return all tokens to a global administrator, their own to others."""
    found = all_tokens.listing()
    return found if administrator.is_global else found.filter(administrator=administrator)

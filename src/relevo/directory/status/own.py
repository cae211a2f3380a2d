"""What administrators of some domains see on their first page: these domains, and what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from relevo.directory import scope
from relevo.directory.models import Administrator, Domain, Mailbox
from relevo.directory.queue.asking import Filters, Listing, glance
from relevo.errors import QueueError

MOST_DOMAINS = 50  # on one page
QUEUE_SECONDS = 0.25


@dataclass(frozen=True)
class DomainUse:
    """A domain: its mailboxes in use, how many there may be (0: any number), and their quotas together.

    `quota_mb` is MiB, of those that have one; `unlimited` have none.
    """

    name: str
    enabled: bool
    mailboxes: int
    limit: int
    quota_mb: int
    unlimited: int


@dataclass(frozen=True)
class Waiting:
    """What waits for these domains; `why` says what is not known of it."""

    messages: int | None
    why: Sequence[str]


def domain_uses(administrator: Administrator) -> list[DomainUse]:
    """Return an administrator's domains in the order of their names, MOST_DOMAINS of them; with two questions."""
    found = list(scope.domains(administrator).select_related(None).order_by("name")[:MOST_DOMAINS])
    used = _mailboxes(found)
    return [DomainUse(one.name, one.enabled, limit=one.mailbox_limit, **used.get(one.pk, _NONE)) for one in found]


def waiting(administrator: Administrator) -> Waiting:
    """Return how many messages wait whose sender or recipient is in an administrator's domains."""
    try:
        seen: Listing = glance(administrator, Filters(limit=1), QUEUE_SECONDS)
    except QueueError as error:
        return Waiting(None, [str(error)])
    return Waiting(seen.matching, seen.troubles)


_NONE = {"mailboxes": 0, "quota_mb": 0, "unlimited": 0}


def _mailboxes(domains: Sequence[Domain]) -> dict[int, dict[str, int]]:
    rows = Mailbox.objects.filter(domain__in=domains, hidden=False, removed_at=None).order_by()
    counted = rows.values("domain").annotate(
        mailboxes=Count("pk"), together=Sum("quota_mb", default=0), unlimited=Count("pk", filter=Q(quota_mb=0)),
    )
    return {
        row["domain"]: {"mailboxes": row["mailboxes"], "quota_mb": row["together"], "unlimited": row["unlimited"]}
        for row in counted
    }

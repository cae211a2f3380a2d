"""What may be given away in a domain: how many mailboxes, aliases and lists, and how much quota in sum; 0 is no limit.

Global administrators set it, and it holds for everybody who adds something there, so that the sum is what was agreed.
Counted is within the transaction that adds, under a lock of the domain and a guard (`guards`): of two requests at once
the second one waits, on the other node is done again, and sees the first one's. The rows are read locked, too: that
shows what is committed now, whatever was read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from relevo.directory import guards
from relevo.directory.models import Alias, DistributionList, Domain, Mailbox
from relevo.errors import DirectoryError
from relevo.i18n import _


def require_mailboxes(domain: Domain, wanted: Sequence[int]) -> None:
    """Raise DirectoryError unless so many more mailboxes fit into a domain, each with its quota in MiB."""
    if not (domain.mailbox_limit or domain.quota_limit_mb):
        return  # no counting
    held = _held(domain)
    quotas = list(_locked(mailboxes(held)).values_list("quota_mb", flat=True))
    have, used = len(quotas), sum(quotas)
    for quota_mb in wanted:
        if held.mailbox_limit and have >= held.mailbox_limit:
            raise DirectoryError(
                _("{domain} has {have} of {limit} mailboxes: remove one, or `relevo domain set {domain} --mailboxes N`")
                .format(domain=held, have=have, limit=held.mailbox_limit)
            )
        _require_sum(held, used, quota_mb)
        have, used = have + 1, used + quota_mb


def require_quota(box: Mailbox, quota_mb: int) -> None:
    """Raise DirectoryError unless a mailbox may be given another quota; a smaller one always."""
    if not box.domain.quota_limit_mb or 0 < quota_mb <= box.quota_mb:
        return
    held = _held(box.domain)
    others = _locked(mailboxes(held)).exclude(pk=box.pk).values_list("quota_mb", flat=True)
    _require_sum(held, sum(others), quota_mb)


def require_alias(domain: Domain) -> None:
    """Raise DirectoryError unless one more alias fits into a domain; Relevo's own ones don't count."""
    if not domain.alias_limit:
        return
    held = _held(domain)
    have = len(_locked(aliases(held)).values_list("pk", flat=True))
    if held.alias_limit and have >= held.alias_limit:
        raise DirectoryError(
            _("{domain} has {have} of {limit} aliases: remove one, or `relevo domain set {domain} --aliases N`")
            .format(domain=held, have=have, limit=held.alias_limit)
        )


def require_list(domain: Domain) -> None:
    """Raise DirectoryError unless one more list fits into a domain."""
    if not domain.list_limit:
        return
    held = _held(domain)
    have = len(_locked(lists(held)).values_list("pk", flat=True))
    if held.list_limit and have >= held.list_limit:
        raise DirectoryError(
            _("{domain} has {have} of {limit} lists: remove one, or `relevo domain set {domain} --lists N`")
            .format(domain=held, have=have, limit=held.list_limit)
        )


def room(domain: Domain, kind: str) -> int | None:
    """Return how many mailboxes (`mailbox`), aliases or lists may still be added; None: any number."""
    limit, rows = {
        "mailbox": (domain.mailbox_limit, mailboxes), "alias": (domain.alias_limit, aliases),
        "list": (domain.list_limit, lists),
    }[kind]
    return max(0, limit - rows(domain).count()) if limit else None


def quota_room(domain: Domain) -> int | None:
    """Return how many MiB of quota may still be given, less than 0 when it is too much already; None: any number."""
    if not domain.quota_limit_mb:
        return None
    return domain.quota_limit_mb - sum(mailboxes(domain).values_list("quota_mb", flat=True))


def no_limit_refused(domain: Domain) -> str:
    """Return what is said to who wants a mailbox without a quota where the sum has a limit."""
    return _("{domain} may give {limit} MiB in sum, so each mailbox needs a quota: give it one").format(
        domain=domain, limit=domain.quota_limit_mb
    )


def mailboxes(domain: Domain) -> QuerySet[Mailbox]:
    """Return those that count."""
    return Mailbox.objects.filter(domain=domain, hidden=False, removed_at=None)


def aliases(domain: Domain) -> QuerySet[Alias]:
    """Return those that count."""
    return Alias.objects.filter(domain=domain, automatic=False)


def lists(domain: Domain) -> QuerySet[DistributionList]:
    """Return those that count."""
    return DistributionList.objects.filter(domain=domain)


def _held(domain: Domain) -> Domain:
    guards.hold(f"limits of domain {domain.pk}")
    return Domain.objects.select_for_update().get(pk=domain.pk)


def _locked(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_for_update().order_by("pk")


def _require_sum(domain: Domain, used: int, quota_mb: int) -> None:
    limit = domain.quota_limit_mb
    if limit and not quota_mb:
        raise DirectoryError(no_limit_refused(domain))
    if limit and used + quota_mb > limit:
        raise DirectoryError(
            _(
                "{domain} has given {used} of {limit} MiB, so {wanted} MiB are too much: {left} are left. Give less, "
                "or `relevo domain set {domain} --quota-in-sum N`"
            ).format(domain=domain, used=used, limit=limit, wanted=quota_mb, left=max(0, limit - used))
        )

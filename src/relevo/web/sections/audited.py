"""The way from a line of the audit log to what it is about, as long as that is there and whoever reads may see it.

Messages, refused mail and searches have no page that lasts: a line about them leads nowhere.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from relevo.directory.api_models import ApiToken
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.sender_rules import ALL
from relevo.directory.shared_models import SharedMailbox


def _by_name(entry: AuditEntry) -> dict[str, Any]:
    return {"name": entry.subject}


def _by_address(entry: AuditEntry) -> dict[str, Any]:
    return {"address": entry.subject}


def _rule(entry: AuditEntry) -> dict[str, Any]:
    return {"recipient": "" if entry.subject == ALL else entry.subject, "sender": entry.detail.get("sender")}


def _token(entry: AuditEntry) -> dict[str, Any]:
    return {"pk": entry.detail.get("id"), "administrator__address": entry.subject}


# By how the action begins, the first that fits. A removed shared mailbox is among the mailboxes.
_KINDS = (
    ("domain.", (Domain,), _by_name),
    ("dkim.", (Domain,), _by_name),
    ("mailbox.", (Mailbox, SharedMailbox), _by_address),
    ("shared.", (SharedMailbox, Mailbox), _by_address),
    ("alias.", (Alias,), _by_address),
    ("list.", (DistributionList,), _by_address),
    ("post.", (DistributionList,), _by_address),
    ("sender.", (SenderRule,), _rule),
    ("admin.token.", (ApiToken,), _token),
    ("admin.", (Administrator,), _by_address),
)


def way(site: AdminSite, request: HttpRequest, entry: AuditEntry) -> str:
    """Return what an entry is about: a link to it, or the words alone."""
    if not (found := _found(site, request, entry)):
        return entry.subject
    label = entry.subject if str(found) == entry.subject else f"{entry.subject}: {found}"
    page = f"admin:directory_{found._meta.model_name}_change"  # noqa: SLF001 - Django's documented name
    return format_html('<a class="relevo-link" href="{}">{}</a>', reverse(page, args=[found.pk]), label)


def _found(site: AdminSite, request: HttpRequest, entry: AuditEntry) -> Model | None:
    """Return the row, out of those that its section shows to whoever asks."""
    for begin, models, where in _KINDS:
        if entry.action.startswith(begin):
            sections = [site.get_model_admin(model) for model in models]
            seen = [section for section in sections if section.has_view_permission(request)]
            rows = (section.get_queryset(request).filter(**where(entry)).first() for section in seen)
            return next(filter(None, rows), None)
    return None

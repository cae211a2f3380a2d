"""Which pages there are, out of the addresses of the site: none that is added later is forgotten."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from relevo.directory.api_models import ApiToken
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.owner_models import AppPassword
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.shared_models import SharedMailbox
from tests.served.who import FIRST, LOCAL, OWNER

NO_PAGES = (
    "/jsi18n/", "/export/", "/rows/", "/overview/", "/logout/", "/language/", "/profile/", "/health", "/history/",
    "openapi.json", "/password_change/done/", "/auditentry/add/", "/login/",
)


class Page(NamedTuple):
    """An address, and who sees most there."""

    who: str
    path: str


def pages(chosen: dict[str, list[str]]) -> tuple[list[Page], list[str]]:
    """Return all of them, and the addresses for which nobody has said what stands in the place of a number.

    `chosen` says so for numbers that are not rows.
    """
    found, unfilled = [], []
    for route in _routes(get_resolver()):
        if not route.startswith(("/admin/", "/account/")) or any(part in route for part in NO_PAGES) or "(?" in route:
            continue
        who = "owner" if route.startswith("/account/") else "global"
        filled = _filled(route, chosen)
        found += [Page(who, path) for path in filled]
        unfilled += [] if filled else [route]
    return list(dict.fromkeys(found)), unfilled


def _filled(route: str, chosen: dict[str, list[str]]) -> list[str]:
    part = next(iter(re.findall("<[^>]+>", route)), "")
    if part == "<path:object_id>":
        return [route.replace(part, str(one)) for one in _rows(route.split("/")[3], route)]
    if route.startswith("/account/programs/"):
        known = [str(row.pk) for row in AppPassword.objects.filter(mailbox__address=OWNER)[:1]]
        return [route.replace(part, one) for one in known] if part else [route]
    return [route.replace(part, one) for one in chosen.get(route, [])] if part else [route]


def _rows(kind: str, route: str) -> list[int]:
    removed = "/restore/" in route
    mailbox = Mailbox.objects.exclude(removed_at=None) if removed else Mailbox.objects.filter(address=OWNER)
    rows = {
        "domain": Domain.objects.filter(name=FIRST), "mailbox": mailbox,
        "alias": Alias.objects.filter(address=f"area-11@{FIRST}"),
        "distributionlist": DistributionList.objects.filter(address=f"lista-3@{FIRST}"),
        "administrator": Administrator.objects.filter(address=LOCAL), "apitoken": ApiToken.objects.all(),
        "auditentry": AuditEntry.objects.filter(action="mailbox.add"),
        "sharedmailbox": SharedMailbox.objects.filter(address=f"ventas-1@{FIRST}"),
        "senderrule": SenderRule.objects.filter(recipient=f"@{FIRST}"),
    }
    return [row.pk for row in rows[kind][:1]] if kind in rows else []


def _routes(resolver: URLResolver, prefix: str = "/") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        found += [route] if isinstance(entry, URLPattern) else _routes(entry, route)
    return found

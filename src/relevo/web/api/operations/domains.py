"""Mail domains."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from relevo.directory import describe_use, domains, scope, use
from relevo.directory.addresses import domain_name
from relevo.directory.searching import matching
from relevo.directory.tokens import DOMAINS
from relevo.web.api import domain_shapes, telling
from relevo.web.api.bearer import require_global
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import Filters, narrowed
from relevo.web.api.words import NamedByDomain

router = Router(tags=[DOMAINS])
_DOMAIN = Kind(
    lambda who: use.summed(scope.domains(who)), describe_use.used_domain, column="name", canonical=domain_name
)
_OWN = frozenset({"catch_all", "default_quota_mb", "owners_forward_outside"})  # what a domain's administrators may set
_PLATFORMS_QUOTA = -1


@router.get("", response=domain_shapes.Domains, **telling.listing(DOMAINS, "listDomains"))
def list_domains(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List domains, by name.

    `search` looks in the name.
    """
    rows = matching(narrowed(_DOMAIN.rows(request), filters), filters.search, ("name",))
    return _DOMAIN.page(request, rows, filters)


@router.post("", response={201: domain_shapes.Domain}, **telling.adding(DOMAINS, "addDomain"))
def add_domain(request: HttpRequest, given: domain_shapes.NewDomain) -> HttpResponse:
    """Add a domain.

    For global administrators.
    """
    require_global(request, _("Domains are added by global administrators."))
    return _DOMAIN.add(request, lambda: domains.add(**given.model_dump()))


@router.get("/{name}", response=domain_shapes.Domain, **telling.reading(DOMAINS, "getDomain"))
def get_domain(request: HttpRequest, name: NamedByDomain) -> HttpResponse:
    """Read a domain."""
    return _DOMAIN.read(request, name)


@router.patch("/{name}", response=domain_shapes.Domain, **telling.changing(DOMAINS, "changeDomain"))
def change_domain(request: HttpRequest, name: NamedByDomain, given: domain_shapes.DomainChanges) -> HttpResponse:
    """Change what is given of a domain.

    Its own administrators may set `catch_all`, `default_quota_mb` and `owners_forward_outside`, global ones everything.
    """
    changes = given.given()
    if changes.keys() - _OWN:
        require_global(
            request,
            _("Of a domain only its catch-all, default quota and owners' forwarding are for its own administrators."),
        )
    if changes.get("default_quota_mb", 0) is None:
        changes["default_quota_mb"] = _PLATFORMS_QUOTA
    return _DOMAIN.change(request, name, lambda domain: changes and domains.change(domain.name, **changes))


@router.delete("/{name}", response={204: None}, **telling.removing(DOMAINS, "removeDomain"))
def remove_domain(request: HttpRequest, name: NamedByDomain) -> HttpResponse:
    """Remove a domain that has nothing in it any more.

    For global administrators.
    """
    require_global(request, _("Domains are removed by global administrators."))
    return _DOMAIN.remove(request, name, lambda domain: domains.remove(domain.name))

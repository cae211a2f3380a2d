"""DKIM keys of a mail domain, and what DNS says of it."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from relevo.directory import describe, scope
from relevo.directory.addresses import domain_name
from relevo.directory.dkim import keys, publishing
from relevo.directory.dkim_models import DkimKey
from relevo.directory.models import Domain
from relevo.directory.tokens import DOMAINS
from relevo.errors import DirectoryError
from relevo.web.api import dkim_shapes, telling
from relevo.web.api.bearer import administrator, require_global
from relevo.web.api.kind import Kind, read
from relevo.web.api.problems import Problem
from relevo.web.api.words import NamedByDomain

router = Router(tags=[DOMAINS])
_Selector = Annotated[
    str, Field(description="The key's.", json_schema_extra={"format": "selector", "example": "relevo-20261128-3fa9"})
]


@router.get("/{name}/dns", response=dkim_shapes.Dns, **telling.reading(DOMAINS, "getDns"))
def get_dns(request: HttpRequest, name: NamedByDomain) -> HttpResponse:
    """Look up what DNS says of a domain, and what it should say.

    The domain's own name servers are asked, within three seconds.
    """
    domain = _domain(request, name)
    return read(request, describe.seen_in_dns(publishing.look(domain, keys.listing([domain]))))


@router.get("/{name}/dkim", response=dkim_shapes.DkimKeys, **telling.reading(DOMAINS, "listDkimKeys"))
def list_dkim_keys(request: HttpRequest, name: NamedByDomain) -> HttpResponse:
    """List the DKIM keys of a domain."""
    found = keys.listing([_domain(request, name)])
    return read(request, {"items": [describe.dkim_key(key) for key in found]})


@router.post("/{name}/dkim", response={201: dkim_shapes.DkimKey}, **telling.adding_to(DOMAINS, "addDkimKey"))
def add_dkim_key(request: HttpRequest, name: NamedByDomain) -> HttpResponse:
    """Make a new DKIM key for a domain.

    Publish its record. Once DNS shows it, it signs by itself and the key before it is retired; there is one new key at
    most.
    """
    domain = _domain(request, name)
    return _kind(domain).add(request, lambda: keys.make(domain.name))


@router.get("/{name}/dkim/{selector}", response=dkim_shapes.DkimKey, **telling.reading(DOMAINS, "getDkimKey"))
def get_dkim_key(request: HttpRequest, name: NamedByDomain, selector: _Selector) -> HttpResponse:
    """Read a DKIM key; its private half is never told."""
    return _kind(_domain(request, name)).read(request, selector)


@router.post("/{name}/dkim/{selector}/sign", response=dkim_shapes.DkimKey, **telling.acting(DOMAINS, "signDkimKey"))
def sign_dkim_key(
    request: HttpRequest, name: NamedByDomain, selector: _Selector, *, published: bool = False
) -> HttpResponse:
    """Sign with a key now that DNS shows it; the one that has signed is retired.

    Refused (409) while DNS does not show it. `published=true` says that somebody has seen it elsewhere (global
    administrators).
    """
    domain = _domain(request, name)
    if published:
        require_global(request, _("Only global administrators let a key sign that was not seen in DNS."))
    kind = _kind(domain)
    kind.read(request, selector)  # a key of another name is no refusal but not found
    keys.sign(domain.name, selector, published=published)
    return kind.read(request, selector)


@router.post(
    "/{name}/dkim/{selector}/retire", response=dkim_shapes.DkimKey, **telling.acting(DOMAINS, "retireDkimKey")
)
def retire_dkim_key(request: HttpRequest, name: NamedByDomain, selector: _Selector) -> HttpResponse:
    """Stop signing with a key, without another one in its place.

    For global administrators.
    """
    domain = _domain(request, name)
    require_global(request, _("Only global administrators leave a domain's mail unsigned."))
    kind = _kind(domain)
    kind.read(request, selector)
    keys.retire(domain.name, selector)
    return kind.read(request, selector)


@router.delete("/{name}/dkim/{selector}", response={204: None}, **telling.removing(DOMAINS, "deleteDkimKey"))
def delete_dkim_key(
    request: HttpRequest, name: NamedByDomain, selector: _Selector, *, now: bool = False
) -> HttpResponse:
    """Delete a key that does not sign: a new one, or a retired one from `safe_from` on.

    `now=true` deletes a retired one before that (global administrators).
    """
    domain = _domain(request, name)
    if now:
        require_global(request, _("Only global administrators delete a key that may still be needed."))
    return _kind(domain).remove(request, selector, lambda key: keys.delete(domain.name, key.selector, now=now))


def _domain(request: HttpRequest, name: str) -> Domain:
    try:
        found = scope.domains(administrator(request)).filter(name=domain_name(name)).first()
    except DirectoryError:
        found = None
    if not found:
        raise Problem("not-found")
    return found


def _kind(domain: Domain) -> Kind[DkimKey]:
    """Return the keys of a domain as a kind of entry of its own."""
    return Kind(
        lambda who: scope.dkim_keys(who).filter(domain=domain), describe.dkim_key, column="selector",
        canonical=str.lower,
    )

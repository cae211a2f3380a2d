"""The verbs on DKIM keys.

A new key is published first and signs only then; the one before it stays published as long as mail that it has signed
may be under way. Rotating is these two steps: relevo-dkim takes the second by itself (steps.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.cluster.sealing import seal
from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.dkim import publishing
from relevo.directory.dkim_models import DkimKey, KeyState
from relevo.directory.models import Domain
from relevo.directory.registry import find_domain
from relevo.errors import DirectoryError
from relevo.i18n import _

_PREFIX_LENGTH = 40  # of a selector: the date and four digits come after it
_RANDOM_BYTES = 2


@changing
def make(name: str) -> DkimKey:
    """Make a new key for a domain; it signs when it is published (`sign`)."""
    private_pem = make_dkim_key()  # it takes a tenth of a second: before anybody else could have to wait for us
    domain = _locked(name)
    if waiting := _in(domain, KeyState.NEW):
        raise DirectoryError(
            _("{domain} has a new key already, {selector}: publish it, or delete it first")
            .format(domain=domain, selector=waiting)
        )
    return _store(domain, private_pem, _selector())


@changing
def adopt(name: str, private_pem: str, selector: str) -> DkimKey:
    """Take over a key that a domain's mail is signed with already."""
    domain = _locked(name)
    key = _store(domain, private_pem, selector)
    _let_sign(key)
    audit.record("dkim.adopt", domain.name, selector=selector)
    return key


def sign(name: str, selector: str, *, published: bool = False) -> DkimKey:
    """Sign with a key from now on, a new one or one that has been retired; the present one is retired.

    Args:
        name: the domain's.
        selector: the key's.
        published: whoever asks has seen by themselves that DNS shows it; else it is looked up now.
    """
    if not published:
        publishing.require_shown(find(name, selector))
    return let_sign(name, selector, because="said" if published else "shown")


@changing
def let_sign(name: str, selector: str, *, because: str) -> DkimKey:
    """Sign with a key without a look at DNS; `because` is for the audit log: it is `shown`, or somebody `said` so."""
    domain = _locked(name)
    key = find(name, selector)
    if key.state == KeyState.SIGNING:
        raise DirectoryError(
            _("{domain} signs with {selector} already").format(domain=domain, selector=selector)
        )
    before = _in(domain, KeyState.SIGNING)
    if before:
        _let_retire(before)
    _let_sign(key)
    audit.record("dkim.sign", domain.name, selector=selector, before=str(before or ""), published=because)
    return key


def rotate(name: str, *, published: bool = False) -> DkimKey:
    """Take the next step: make a new key, or sign with the one that was made before and is published by now."""
    waiting = _in(find_domain(name), KeyState.NEW)
    return sign(name, waiting.selector, published=published) if waiting else make(name)


@changing
def retire(name: str, selector: str) -> DkimKey:
    """Stop signing with a key; the domain's mail is then not signed until another one signs."""
    domain = _locked(name)
    key = find(name, selector)
    if key.state != KeyState.SIGNING:
        raise DirectoryError(
            _("{domain} does not sign with {selector}: `relevo dkim delete` takes it away")
            .format(domain=domain, selector=selector)
        )
    _let_retire(key)
    audit.record("dkim.retire", domain.name, selector=selector)
    return key


@changing
def delete(name: str, selector: str, *, now: bool = False) -> None:
    """Delete a key that does not sign; a retired one after its safe time, or before it with `now`."""
    domain = _locked(name)
    key = find(name, selector)
    if key.state == KeyState.SIGNING:
        raise DirectoryError(
            _("{domain} signs with {selector}: let another key sign, or `relevo dkim retire` this one first")
            .format(domain=domain, selector=selector)
        )
    if not now and key.safe_from and not key.may_go:
        raise DirectoryError(
            _("mail that {selector} has signed may be under way until {day}: keep it published so long; --now deletes "
              "it all the same").format(selector=selector, day=f"{key.safe_from:%Y-%m-%d %H:%M}")
        )
    audit.record("dkim.delete", domain.name, selector=selector, state=key.state)
    key.delete()


def find(name: str, selector: str) -> DkimKey:
    """Return a key of a domain; raise DirectoryError when it has none of that name."""
    domain = find_domain(name)
    key = DkimKey.objects.select_related("domain").filter(domain=domain, selector=selector.strip().lower()).first()
    if not key:
        raise DirectoryError(
            _("{domain} has no DKIM key {selector}: see `relevo dkim list {domain}`")
            .format(domain=domain, selector=selector)
        )
    return key


def listing(domains: Iterable[Domain] | None = None) -> QuerySet[DkimKey]:
    """Return the keys of some domains, or of all."""
    found = DkimKey.objects.select_related("domain").order_by("domain__name", "pk")
    return found if domains is None else found.filter(domain__in=domains)


def _store(domain: Domain, private_pem: str, selector: str) -> DkimKey:
    key = DkimKey.objects.create(
        domain=domain, selector=selector, public=dkim_public_key(private_pem),
        sealed=seal(private_pem.encode(), settings.RELEVO_DKIM_LOCK),
    )
    audit.record("dkim.make", domain.name, selector=selector)
    return key


def _let_sign(key: DkimKey) -> None:
    key.state, key.signing_at, key.retired_at = KeyState.SIGNING, timezone.now(), None
    key.save()


def _let_retire(key: DkimKey) -> None:
    key.state, key.retired_at, key.seen_at = KeyState.RETIRED, timezone.now(), None
    key.save()


def _locked(name: str) -> Domain:
    """Return a domain so that whoever changes its keys at the same time waits, or runs again."""
    return Domain.objects.select_for_update().get(pk=find_domain(name).pk)


def _in(domain: Domain, state: KeyState) -> DkimKey | None:
    return DkimKey.objects.select_related("domain").filter(domain=domain, state=state).first()


def _selector() -> str:
    """Return a name that no key has ever had: resolvers remember what they have seen."""
    prefix = settings.RELEVO_DKIM_SELECTOR[:_PREFIX_LENGTH]
    return f"{prefix}-{timezone.now():%Y%m%d}-{secrets.token_hex(_RANDOM_BYTES)}"

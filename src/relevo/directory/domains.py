"""Mail domains."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from relevo.directory import audit, hooks, mirror, system
from relevo.directory.addresses import domain_name
from relevo.directory.database import changing
from relevo.directory.dkim import keys
from relevo.directory.loops import require_no_loop
from relevo.directory.models import Alias, DistributionList, Domain, Mailbox
from relevo.directory.registry import find_domain, require_unreferenced, targets
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def add(
    name: str, *, alias_of: str = "", catch_all: str = "", mailbox_limit: int = 0, alias_limit: int = 0,
    list_limit: int = 0, quota_limit_mb: int = 0, default_quota_mb: int | None = None,
) -> Domain:
    """Add a domain, with a DKIM key that signs its mail as soon as DNS shows it.

    Args:
        name: e.g. `example.org`; an international name is stored as its A-labels.
        alias_of: another domain of ours whose addresses it mirrors; it has none of its own then.
        catch_all: where mail to unknown addresses of it goes; empty: it is refused.
        mailbox_limit: at most so many mailboxes, 0 for any number.
        alias_limit: the same of aliases.
        list_limit: the same of lists.
        quota_limit_mb: MiB that its mailboxes' quotas may be in sum, 0 for any.
        default_quota_mb: MiB for a mailbox that is made without a quota; the platform's when None.
    """
    wanted = domain_name(name)
    if Domain.objects.filter(name=wanted).exists():
        raise DirectoryError(_("there is a domain {domain} already").format(domain=wanted))
    domain = Domain.objects.create(
        name=wanted, at_name=f"@{wanted}", mailbox_limit=mailbox_limit, alias_limit=alias_limit, list_limit=list_limit,
        quota_limit_mb=quota_limit_mb, default_quota_mb=default_quota_mb,
    )
    system.ensure(domain)
    if alias_of:
        _make_alias(domain, alias_of)
    if catch_all:
        _set_catch_all(domain, catch_all)
    audit.record("domain.add", wanted, alias_of=alias_of, catch_all=catch_all)
    if wanted != settings.RELEVO_DOMAIN:  # whose first key is among the secrets (`install`)
        keys.make(wanted)
    return domain


@changing
def change(
    name: str, *, enabled: bool | None = None, alias_of: str | None = None, catch_all: str | None = None,
    mailbox_limit: int | None = None, alias_limit: int | None = None, list_limit: int | None = None,
    quota_limit_mb: int | None = None, default_quota_mb: int | None = None, owners_forward_outside: bool | None = None,
) -> Domain:
    """Change what is given of a domain.

    An empty `alias_of` or `catch_all` takes it away, -1 as `default_quota_mb` makes it the platform's again.
    """
    domain = find_domain(name)
    if enabled is not None:
        _require_not_first(domain, closing=not enabled)
        domain.enabled = enabled
    limits = {"mailbox_limit": mailbox_limit, "alias_limit": alias_limit, "list_limit": list_limit,
              "quota_limit_mb": quota_limit_mb}
    for limit, number in limits.items():
        if number is not None:
            setattr(domain, limit, number)
    if default_quota_mb is not None:
        domain.default_quota_mb = None if default_quota_mb < 0 else default_quota_mb
    if owners_forward_outside is not None:
        domain.owners_forward_outside = owners_forward_outside
    domain.save()
    if enabled is not None:
        hooks.account_changed(domain.at_name, lost=not enabled)
    if alias_of is not None:
        _make_alias(domain, alias_of)
    if catch_all is not None:
        _set_catch_all(domain, catch_all)
    given = {"enabled": enabled, "alias_of": alias_of, "catch_all": catch_all, **limits,
             "default_quota_mb": default_quota_mb, "owners_forward_outside": owners_forward_outside}
    audit.record("domain.set", domain.name, **{key: value for key, value in given.items() if value is not None})
    return domain


@changing
def remove(name: str) -> None:
    """Remove a domain that has nothing in it any more."""
    domain = find_domain(name)
    _require_not_first(domain, closing=True)
    if left := _contents(domain):
        raise DirectoryError(
            _("{domain} is not empty: remove (and purge) first {names}").format(domain=domain, names=", ".join(left))
        )
    _drop_automatic(domain)
    audit.record("domain.remove", domain.name)
    domain.delete()


def listing() -> list[Domain]:
    """Return all domains."""
    return list(rows())


def rows() -> QuerySet[Domain]:
    """Return the rows of all domains."""
    return Domain.objects.select_related("alias_of")


def _make_alias(domain: Domain, alias_of: str) -> None:
    real = find_domain(alias_of) if alias_of else None
    if real:
        _require_can_mirror(domain, real)
        _drop_automatic(domain)
        domain.catch_all = ""
    domain.alias_of = real
    domain.save()
    mirror.rebuild(domain)
    system.ensure(domain)


def _require_can_mirror(domain: Domain, real: Domain) -> None:
    _require_not_first(domain, closing=True)
    if real == domain or real.alias_of or domain.alias_domains.exists():
        raise DirectoryError(
            _("{domain} can't be an alias of {real}: alias domains can't follow one another")
            .format(domain=domain, real=real)
        )
    if left := _contents(domain):
        raise DirectoryError(
            _("{domain} has addresses of its own; remove them first: {names}")
            .format(domain=domain, names=", ".join(left))
        )


def _set_catch_all(domain: Domain, text: str) -> None:
    if domain.alias_of and text:
        raise DirectoryError(
            _("{domain} takes its catch-all from {real}: set it there").format(domain=domain, real=domain.alias_of)
        )
    domain.catch_all = targets([text], own="")[0] if text else ""
    domain.save()
    if text:
        require_no_loop(domain.at_name)


def _require_not_first(domain: Domain, *, closing: bool) -> None:
    if closing and domain.name == settings.RELEVO_DOMAIN:
        raise DirectoryError(
            _("{domain} is the first domain of this platform: it can't be removed, switched off or made an alias")
            .format(domain=domain)
        )


def _contents(domain: Domain) -> list[str]:
    """Return some of the addresses that keep a domain from going."""
    most = 5
    found = [
        *Mailbox.objects.filter(domain=domain)[:most], *Alias.objects.filter(domain=domain, automatic=False)[:most],
        *DistributionList.objects.filter(domain=domain)[:most], *domain.alias_domains.all()[:most],
    ]
    return [str(entry) for entry in found]


def _drop_automatic(domain: Domain) -> None:
    for alias in Alias.objects.filter(domain=domain, automatic=True):
        require_unreferenced(alias.address)
        alias.delete()

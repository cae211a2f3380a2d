"""Domains, mailboxes, aliases, lists and administrators as plain values, for CLI and API; never a password."""

from __future__ import annotations

from relevo.directory import factors
from relevo.directory.models import Administrator, Alias, DistributionList, Domain, Mailbox

Description = dict[str, object]


def domain(entry: Domain) -> Description:
    """Describe a domain; `alias_of` is empty for one with addresses of its own."""
    return {
        "name": entry.name,
        "enabled": entry.enabled,
        "alias_of": entry.alias_of.name if entry.alias_of else "",
        "catch_all": entry.catch_all,
        "mailbox_limit": entry.mailbox_limit,
        "default_quota_mb": entry.default_quota_mb,
    }


def mailbox(entry: Mailbox) -> Description:
    """Describe a mailbox; the quota is MiB, 0 for none; `removed` is a date and time or None."""
    forward = sorted(row.target for row in entry.forwards.all())
    return {
        "address": entry.address,
        "name": entry.name,
        "enabled": entry.enabled,
        "quota_mb": entry.quota_mb,
        "forward": forward,
        "keep_copy": entry.keep_copy,
        "removed": entry.removed_at.isoformat(timespec="seconds") if entry.removed_at else None,
    }


def alias(entry: Alias) -> Description:
    """Describe an alias; `automatic` ones are Relevo's own, until somebody sets them."""
    return {
        "address": entry.address,
        "to": sorted(row.target for row in entry.targets.all()),
        "enabled": entry.enabled,
        "automatic": entry.automatic,
    }


def distribution_list(entry: DistributionList) -> Description:
    """Describe a list."""
    return {
        "address": entry.address,
        "name": entry.name,
        "enabled": entry.enabled,
        "policy": entry.policy,
        "senders": sorted(row.address for row in entry.senders.all()),
        "members": sorted(row.address for row in entry.members.all()),
    }


def administrator(entry: Administrator) -> Description:
    """Describe an administrator; `domains` is empty for a global one, `last_login` a date and time or None."""
    return {
        "address": entry.address,
        "role": entry.role,
        "domains": sorted(domain.name for domain in entry.domains.all()),
        "enabled": entry.enabled,
        "second_factor": factors.has_one(entry),
        "last_login": entry.last_login.isoformat(timespec="seconds") if entry.last_login else None,
    }

"""Domains, mailboxes, aliases, lists, administrators, keys and what goes with them as plain values.

For CLI and API; never a password, nor a token. Messages are in describe_messages.py.
"""

from __future__ import annotations

from datetime import datetime

from relevo.directory import factors, moderation, owners, sender_rules, shared
from relevo.directory.api_models import ApiToken
from relevo.directory.dkim.publishing import Seen
from relevo.directory.dkim_models import DkimKey
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.shared_models import SharedMailbox
from relevo.records.mail import PublicKey, key_record
from relevo.records.verdict import Finding

Description = dict[str, object]


def domain(entry: Domain) -> Description:
    """Describe a domain; `alias_of` is empty for one with addresses of its own."""
    return {
        "name": entry.name,
        "enabled": entry.enabled,
        "alias_of": entry.alias_of.name if entry.alias_of else "",
        "catch_all": entry.catch_all,
        "mailbox_limit": entry.mailbox_limit,
        "alias_limit": entry.alias_limit,
        "list_limit": entry.list_limit,
        "quota_limit_mb": entry.quota_limit_mb,
        "default_quota_mb": entry.default_quota_mb,
        "owners_forward_outside": entry.owners_forward_outside,
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
        "digest": owners.wants_digest(entry),
        "app_passwords": sum(row.expires_at is None for row in entry.app_passwords.all()),
        "removed": moment(entry.removed_at),
    }


def shared_mailbox(entry: SharedMailbox) -> Description:
    """Describe a shared mailbox; each member is in one of the first three lists, `senders` may send as it."""
    return {
        "address": entry.address,
        "name": entry.name,
        "enabled": entry.enabled,
        "quota_mb": entry.quota_mb,
        **shared.told(entry),
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
        "moderated": entry.moderation,
        "owners": moderation.owners_of(entry),
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
        "last_login": moment(entry.last_login),
    }


def audit_entry(entry: AuditEntry) -> Description:
    """Describe what was done; `source` is the client's address, empty for a command."""
    return {
        "id": entry.pk,
        "at": moment(entry.at),
        "actor": entry.actor,
        "source": entry.source,
        "action": entry.action,
        "subject": entry.subject,
        "domain": entry.domain,
        "detail": entry.detail,
    }


def token(entry: ApiToken) -> Description:
    """Describe a token, whose own text nobody knows any more."""
    return {
        "id": entry.pk,
        "name": entry.name,
        "administrator": entry.administrator.address,
        "scopes": entry.scopes,
        "created": moment(entry.created_at),
        "expires": moment(entry.expires_at),
        "last_used": moment(entry.last_used_at),
    }


def dkim_key(entry: DkimKey) -> Description:
    """Describe a key; `record` and `text` are what is published, `safe_from` is when a retired one may go."""
    return {
        "domain": entry.domain.name,
        "selector": entry.selector,
        "state": entry.state,
        "needed": not entry.may_go,
        "record": entry.name,
        "text": key_record(entry.domain.name, PublicKey(entry.selector, entry.public)).data,
        "public": entry.public,
        "made": moment(entry.created_at),
        "seen": moment(entry.seen_at),
        "signing": moment(entry.signing_at),
        "retired": moment(entry.retired_at),
        "safe_from": moment(entry.safe_from),
    }


def seen_in_dns(entry: Seen) -> Description:
    """Describe what DNS says; `verdict` is right, wrong, missing or unknown."""
    return {"well": entry.is_well, "trouble": entry.trouble, "records": [_finding(one) for one in entry.findings]}


def _finding(entry: Finding) -> Description:
    return {
        "name": entry.record.name,
        "type": entry.record.type,
        "data": entry.record.data,
        "found": list(entry.found),
        "verdict": entry.verdict.value,
        "trouble": entry.trouble,
        "matters": entry.matters,
    }


def sender_rule(entry: SenderRule) -> Description:
    """Describe what is said of a sender; `recipient` is a mailbox, a domain, or `*` for all."""
    return {
        "id": entry.pk,
        "sender": entry.sender.removeprefix("@"),
        "recipient": entry.recipient.removeprefix("@") or sender_rules.ALL,
        "verdict": entry.verdict,
        "since": moment(entry.created_at),
    }


def moment(at: datetime | None) -> str | None:
    """Return a time as programs read it."""
    return at.isoformat(timespec="seconds") if at else None

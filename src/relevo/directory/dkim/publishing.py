"""What DNS must say of a domain, and what it says: asked of the domain's own name servers, right now.

Neither the web nor a process that has the keys speaks with name servers: relevo-lookup does, by a socket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from relevo.cluster.wires import LOOKUP_SOCKET
from relevo.directory.dkim_models import DkimKey
from relevo.directory.models import Domain
from relevo.errors import DirectoryError, DnsError
from relevo.i18n import _
from relevo.lookup import ask
from relevo.records import facts as all_facts
from relevo.records.facts import Facts
from relevo.records.mail import PublicKey, key_record, published
from relevo.records.record import Record
from relevo.records.verdict import Finding, Verdict, judge


@dataclass(frozen=True)
class Seen:
    """What was found, and when; `trouble` when nobody could be asked."""

    findings: Sequence[Finding]
    trouble: str = ""
    at: datetime = field(default_factory=timezone.now)

    @property
    def is_well(self) -> bool:
        """Whether all that mail needs is as it should be."""
        return not self.trouble and not any(finding.matters for finding in self.findings)


def facts() -> Facts:
    """Return what DNS tells of this platform."""
    return all_facts.read(settings.RELEVO_DNS)


def records(domain: Domain, keys: Iterable[DkimKey]) -> tuple[Record, ...]:
    """Return what must be published for a domain that has these keys; a retired key's record may go after a time."""
    kept = [PublicKey(key.selector, key.public) for key in keys if not key.may_go]
    return published(facts(), domain.name, kept)


def look(domain: Domain, keys: Iterable[DkimKey]) -> Seen:
    """Compare what DNS says of a domain with what must be published; takes 3 s at most."""
    wanted = records(domain, keys)
    try:
        return Seen(_findings(domain.name, wanted))
    except DnsError as error:
        return Seen([Finding(record, (), Verdict.UNKNOWN) for record in wanted], str(error))


def shows(key: DkimKey) -> Finding:
    """Return whether DNS shows a key; raise DnsError when nobody can be asked."""
    (found,) = _findings(key.domain.name, [_record(key)])
    return found


def require_shown(key: DkimKey) -> None:
    """Raise DirectoryError unless DNS shows a key: what it signs could not be verified."""
    found = shows(key)
    if found.verdict is Verdict.RIGHT and not found.trouble:
        return
    reason = found.trouble or {
        Verdict.MISSING: _("there is no such record"), Verdict.WRONG: _("it holds another key"),
    }.get(found.verdict, "")
    raise DirectoryError(
        _("DNS does not show {name} as it must be yet ({reason}): publish it and try again in a few minutes, or say "
          "--published when you have seen it elsewhere").format(name=key.name, reason=reason)
    )


def _findings(domain: str, wanted: Sequence[Record]) -> list[Finding]:
    told = _asked(domain, wanted)
    return [_judged(record, answer) for record, answer in zip(wanted, told, strict=True)]


def _judged(record: Record, answer: dict[str, Any]) -> Finding:
    trouble = str(answer.get("trouble", ""))
    if trouble and not answer["found"]:
        return Finding(record, (), Verdict.UNKNOWN, _in_words(trouble))
    found = judge(record, [str(text) for text in answer["found"]])
    return replace(found, trouble=_in_words(trouble))


def _in_words(trouble: str) -> str:
    """Return what relevo-lookup says of an answer in the reader's language."""
    known = {
        ask.SILENT: _("no name server has answered in time"),
        ask.DIFFER: _("its name servers don't all say the same yet"),
    }
    return known.get(trouble, trouble)


def _asked(domain: str, wanted: Sequence[Record]) -> list[dict[str, Any]]:
    own = facts()
    inside = own.domain if own.managed and f".{domain}".endswith(f".{own.domain}") else ""
    question = {"domain": domain, "inside": inside, "ask": [[record.name, record.type] for record in wanted]}
    try:
        return ask.ask(question, LOOKUP_SOCKET, len(wanted))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise DnsError(
            _("DNS can't be asked on this node now ({reason}): `systemctl status relevo-lookup.socket`")
            .format(reason=reason)
        ) from None


def _record(key: DkimKey) -> Record:
    return key_record(key.domain.name, PublicKey(key.selector, key.public))

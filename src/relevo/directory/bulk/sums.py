"""How much quota a table would give in each domain whose sum has a limit."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.directory import limits, mailboxes
from relevo.directory.bulk.known import Known
from relevo.i18n import _


class Sums:
    """What is left in each domain, row by row."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._left: dict[str, int | None] = {}

    def of(self, address: str, given: int | None) -> Iterator[tuple[str, str]]:
        """Yield the mistake of a row, whose quota is `given`, or the domain's default of a new mailbox."""
        domain = self._known.domains[address.rpartition("@")[2]]
        left = self._left.setdefault(domain.name, limits.quota_room(domain))
        entry = self._known.entries.get(address)
        now = int(entry["quota_mb"]) if entry else 0
        if left is None or (entry and (given is None or given == now)):
            return
        wanted = mailboxes.default_quota(domain) if given is None else given
        if not wanted:
            yield "quota_mb", limits.no_limit_refused(domain)
        elif wanted > now and wanted - now > left:
            yield "quota_mb", _("{wanted} MiB are too much: of the {limit} MiB of {domain} {left} are left").format(
                wanted=wanted, limit=domain.quota_limit_mb, domain=domain, left=max(0, left)
            )
        else:
            self._left[domain.name] = left - wanted + now

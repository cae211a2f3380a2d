"""Whose the copies of a run are. Of each owner only numbers are kept in memory: a night may bring thousands."""

from __future__ import annotations

from collections import defaultdict

from relevo.directory.digest_models import DigestRun
from relevo.directory.quarantine.copies import Copy
from relevo.directory.quarantine.sight import EVERYTHING, whose, without_tag
from relevo.directory.quarantine.store import Store

_AT_ONCE = 500


def by_owner(line: Store, run: DigestRun, behind: int) -> dict[str, list[int]]:
    """Return the numbers of the copies behind one, the earliest first, by the address of whose mailbox they are for."""
    found: dict[str, list[int]] = defaultdict(list)
    numbers = sorted(one for one in line.search(EVERYTHING, behind=behind) if one <= run.until_uid)
    for first in range(0, len(numbers), _AT_ONCE):
        copies = line.copies(numbers[first : first + _AT_ONCE])
        owners = whose({without_tag(one.address) for copy in copies for one in copy.recipients})
        for copy in reversed(copies):
            if run.since is None or copy.at >= run.since:
                for owner in _of(copy, owners):
                    found[owner].append(copy.uid)
    return found


def _of(copy: Copy, owners: dict[str, str]) -> set[str]:
    return {owners[without_tag(one.address)] for one in copy.recipients}

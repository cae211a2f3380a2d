"""Deliveries whose end Postfix did not learn, in its own words: the mailbox may have the message, and gets it again.

"Message may be sent more than once" is what Postfix writes when a connection ends between the message and the answer,
as it must when the virtual IP moves in that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

from relevo.drills.nodes import Node
from relevo.errors import RelevoError

_JOURNAL = (
    'journalctl --quiet --no-pager --output=cat --since="@$0" | '
    "grep -aE 'while sending end of data -- message may be sent more than once|: message-id=<drill' || [ $? = 1 ]"
)
_NAMED = re.compile(r"^(\w+): message-id=<(drill[0-9a-f]{16})@")
_IN_DOUBT = re.compile(r"^(\w+): to=<.*status=deferred \((?!delivery temporarily suspended)")


def doubtful(nodes: Sequence[Node], since: float) -> set[str]:
    """Return the tokens of these messages, as the nodes that answer have noted since then (seconds since 1970)."""
    lines: list[str] = []
    for node in nodes:
        with suppress(RelevoError):
            lines += node.run("sh", "-c", _JOURNAL, f"{since:.0f}", within=120).splitlines()
    return in_doubt(lines)


def in_doubt(lines: Iterable[str]) -> set[str]:
    """Read Postfix's lines on message ids and on deliveries; return the tokens of those that ended in doubt."""
    tokens: dict[str, str] = {}
    queued: set[str] = set()
    for line in lines:
        if named := _NAMED.match(line):
            tokens[named[1]] = named[2]
        elif found := _IN_DOUBT.match(line):
            queued.add(found[1])
    return {tokens[one] for one in queued if one in tokens}

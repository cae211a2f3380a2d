"""The files of a message in the mailboxes: their names say when each copy was begun, and by which process.

A node that is paused or loses power while it writes to a mailbox notes nothing of it, and what it had written to its
own copy of the store may come to the others when it returns: nobody was told that the message is there, and it is. The
file's name is older than that; Dovecot makes it when it begins to save: `<seconds>.M<microseconds>P<process>.<host>`,
where the host is the platform's own name on both nodes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from relevo.cluster.wires import MAILBOX_ROOT
from relevo.drills.letters import TOKEN_HEADER
from relevo.drills.nodes import Node
from relevo.errors import RelevoError

# The file's name and the line of the header; 1: there is none, 2: a file was renamed meanwhile.
_LOOK = 'cd "$0" || exit 3; grep -rEsm 1 "^$1: *($2)" "${@:3}"; [ $? -le 2 ]'
_FOUND = re.compile(rf"/(\d+)\.M(\d+)P(\w+)\.[^/]*:{TOKEN_HEADER}: *(drill[0-9a-f]{{16}})")


@dataclass(frozen=True)
class Copy:
    """A copy in a mailbox: when its delivery began (seconds since 1970), and in which process of its machine."""

    at: float
    process: str


def copies(nodes: Sequence[Node], addresses: Iterable[str], tokens: Collection[str]) -> dict[str, list[Copy]]:
    """Return the copies of these messages in these mailboxes, by token, as the first node that answers sees them."""
    if not tokens:
        return {}
    folders = ["/".join(reversed(address.split("@"))) for address in addresses]
    for node in nodes:
        with suppress(RelevoError):
            look = ("bash", "-c", _LOOK, MAILBOX_ROOT, TOKEN_HEADER, "|".join(sorted(tokens)), *folders)
            return read(node.run(*look, within=120).splitlines())
    return {}


def read(lines: Iterable[str]) -> dict[str, list[Copy]]:
    """Read what grep found, each message's copies in the order of time."""
    found = defaultdict[str, list[Copy]](list)
    for parts in filter(None, map(_FOUND.search, lines)):
        seconds, micros, process, token = parts.groups()
        found[token].append(Copy(int(seconds) + int(micros) / 1e6, process))
    return {token: sorted(all_, key=lambda copy: copy.at) for token, all_ in found.items()}

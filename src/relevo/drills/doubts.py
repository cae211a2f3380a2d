"""Deliveries of which Postfix may not know that they were done: the mailbox has the message, and may get it again.

There are two kinds, both in the machines' own words:

- *in doubt*: "message may be sent more than once" is what Postfix writes when a connection ends between the message and
  the answer, as it must when the virtual IP moves in that moment;
- *half done*: Dovecot had stored the message, or had begun to by the name of its file, and Postfix had not yet removed
  it from its queue, when the machine died or the virtual IP moved. Who takes the queue over delivers it: SMTP prefers
  twice to never (RFC 5321, 4.1.1.4).

A message that had left the queue by then, or was stored only later, is no such case: that copy is the platform's fault.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from relevo.drills.copies import Copy
from relevo.drills.nodes import Node
from relevo.errors import RelevoError

# How long after a moment a delivery that was under way may still reach the mailbox: a node that was cut off is kept
# from the storage by then.
LATE_SECONDS = 1.0

_JOURNAL = (
    'journalctl --quiet --no-pager --output=short-unix --since="@$0" | grep -aE "'
    "while sending end of data -- message may be sent more than once|"
    ': message-id=<drill|: removed|msgid=<drill.*(stored|saved) mail" || [ $? = 1 ]'
)
_LINE = re.compile(r"^(?P<at>\d+\.\d+) \S+ [^ \[]+\[\d+\]: (?P<text>.*)$")
_NAMED = re.compile(r"^(\w+): message-id=<(drill[0-9a-f]{16})@")
_IN_DOUBT = re.compile(r"^(\w+): to=<.*status=deferred \((?!delivery temporarily suspended).*sent more than once")
_REMOVED = re.compile(r"^(\w+): removed$")
_STORED = re.compile(r"\bmsgid=<(drill[0-9a-f]{16})@[^>]*>: (?:stored|saved) mail ")


@dataclass
class Stay:
    """A message's time in a queue, in seconds since 1970, and whether a delivery out of it ended in doubt."""

    since: float
    until: float = math.inf
    in_doubt: bool = False


@dataclass
class Course:
    """What became of a message: when it was stored, its stays in a queue by queue id, and copies where looked for.

    All in seconds since 1970.
    """

    stored: list[float] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)

    @property
    def in_doubt(self) -> bool:
        """Postfix says that it may have sent it more than once."""
        return any(stay.in_doubt for stay in self.stays.values())

    def half_done(self, moment: float) -> bool:
        """Tell whether it was in a mailbox or just being put there, and still in a queue, at this moment."""
        put = (*self.stored, *(copy.at for copy in self.copies))
        return any(
            stay.since <= at <= moment + LATE_SECONDS and moment <= stay.until
            for stay in self.stays.values() for at in put
        )

    def told(self, moment: float) -> str:
        """Return it in a line, timed from a moment."""
        stored = ", ".join(f"{at - moment:+.3f}" for at in self.stored)
        stays = ", ".join(
            f"{name} {stay.since - moment:+.3f} to {stay.until - moment:+.3f}" for name, stay in self.stays.items()
        )
        made = "".join(f"; copy begun {copy.at - moment:+.3f} s by process {copy.process}" for copy in self.copies)
        return f"stored {stored} s; queued {stays} s{made}"


def courses(nodes: Sequence[Node], since: float) -> dict[str, Course]:
    """Return what the nodes that answer have noted of each message since then (seconds since 1970), by token."""
    lines: list[str] = []
    for node in nodes:
        with suppress(RelevoError):
            lines += node.run("sh", "-c", _JOURNAL, f"{since:.0f}", within=120).splitlines()
    return read(lines)


def read(lines: Iterable[str]) -> dict[str, Course]:
    """Read lines of journals (short-unix, in any order); return each message's course by its token."""
    noted = sorted((float(parts["at"]), parts["text"]) for line in lines if (parts := _LINE.match(line)))
    found = defaultdict[str, Course](Course)
    stays: dict[str, Stay] = {}
    for at, text in noted:
        if named := _NAMED.match(text):
            stays[named[1]] = found[named[2]].stays.setdefault(named[1], Stay(at))
        elif stored := _STORED.search(text):
            found[stored[1]].stored.append(at)
        elif (told := _IN_DOUBT.match(text)) and told[1] in stays:
            stays[told[1]].in_doubt = True
        elif (gone := _REMOVED.match(text)) and gone[1] in stays:
            stays[gone[1]].until = min(at, stays[gone[1]].until)
    return dict(found)

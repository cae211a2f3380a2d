"""Judge what two writers left behind (`relevo.drills.writer`): did two owners ever write at once, is all there? Pure.

judge(log, acknowledged, files)     what `cat log` says, the notes of both nodes, the names in the folder `new`
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields

from relevo.i18n import _

_LINE = re.compile(r"(\S+) (\S+) (\d+) (\d+\.\d+)")
_NOTE = re.compile(r"(\S+) (\d+)")
SHOWN = 2  # of each kind, in the table: the rest is in the files that a failed check keeps
Delivery = tuple[str, int]  # owner and number


@dataclass(frozen=True)
class Line:
    """One line of the log: whose claim, which node, the delivery's number, when it began (monotonic seconds)."""

    owner: str
    node: str
    number: int
    began: float

    @property
    def delivery(self) -> Delivery:
        """Return what the writer calls it in its notes."""
        return self.owner, self.number


@dataclass(frozen=True)
class Account:
    """What was found. Only `late` is no breach.

    `overlaps`: acknowledged lines of an owner after one of another owner that came later. `late`: the same of lines
    that were never acknowledged: the write failed, or its node died, and it came to the disks nevertheless (the one
    that a cut off node had in flight lies on its own disk, and is copied when it comes back). `torn`: what is no line.
    """

    lines: int = 0
    owners: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # files that were acknowledged and are not in the folder
    acknowledged: int = 0

    @property
    def good(self) -> bool:
        """Tell whether one owner at a time wrote, and nothing acknowledged is lost or there twice."""
        return not any((self.overlaps, self.lost, self.doubled, self.torn, self.missing))

    def __add__(self, other: Account) -> Account:
        """Return both in one."""
        return Account(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def in_words(self) -> str:
        """Return it for the table."""
        text = _(
            "{lines} lines by {owners} owners, {acknowledged} acknowledged; {overlaps} overlaps, {lost} lost, "
            "{doubled} twice, {torn} torn, {missing} files missing; {late} late ones that had failed",
        ).format(
            lines=self.lines, owners=len(self.owners), acknowledged=self.acknowledged, overlaps=len(self.overlaps),
            lost=len(self.lost), doubled=len(self.doubled), torn=len(self.torn), missing=len(self.missing),
            late=len(self.late),
        )
        breaches = (self.overlaps, self.lost, self.doubled, self.torn, self.missing)
        return "; ".join([text, *(example for breach in breaches for example in breach[:SHOWN])])


@dataclass
class _Reading:
    """The owners in the order in which they came."""

    owners: list[str] = field(default_factory=list)
    since: dict[str, Line] = field(default_factory=dict)  # the first line of each
    overlaps: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def add(self, line: Line, known: Collection[Delivery]) -> None:
        if line.owner not in self.since:
            self.owners.append(line.owner)
            self.since[line.owner] = line
        elif line.owner != self.owners[-1]:
            next_one = self.since[self.owners[self.owners.index(line.owner) + 1]]
            text = _("{owner} wrote {number} after {other} had begun, a delivery of {seconds:+.3f} s from then").format(
                owner=line.owner, number=line.number, other=next_one.owner, seconds=line.began - next_one.began,
            )
            (self.overlaps if line.delivery in known else self.late).append(text)


def judge(log: str, acknowledged: Iterable[Delivery], files: Collection[str]) -> Account:
    """Return what is found; the order of the log is the order in which the store took the lines."""
    known, written = set(acknowledged), Counter[Delivery]()
    reading, torn = _Reading(), list[str]()
    for text in log.splitlines():
        if (match := _LINE.fullmatch(text)) is None:
            torn.append(text[:80])
            continue
        line = Line(match[1], match[2], int(match[3]), float(match[4]))
        written[line.delivery] += 1
        reading.add(line, known)
    return Account(
        sum(written.values()), tuple(reading.owners), tuple(reading.overlaps), tuple(reading.late),
        lost=_names(known - written.keys()), doubled=_names(one for one, times in written.items() if times > 1),
        torn=tuple(torn), missing=_names(one for one in known if file_name(one) not in files), acknowledged=len(known),
    )


def read_notes(text: str) -> list[Delivery]:
    """Read a node's notes; a last one cut short by a power cut is left out."""
    whole = text[: text.rfind("\n") + 1]
    return [(match[1], int(match[2])) for line in whole.splitlines() if (match := _NOTE.fullmatch(line))]


def file_name(delivery: Delivery) -> str:
    """Return the name of the file that a delivery made."""
    return f"{delivery[0]}.{delivery[1]}"


def _names(deliveries: Iterable[Delivery]) -> tuple[str, ...]:
    return tuple(sorted(map(file_name, deliveries)))

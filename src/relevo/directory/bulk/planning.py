"""What a table would add, change and leave; and all that is wrong with it, each mistake with its line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from relevo.directory import limits, passwords, system
from relevo.directory.bulk.kinds import Kind, Values, difference
from relevo.directory.bulk.known import Known
from relevo.directory.bulk.sums import Sums
from relevo.directory.bulk.text import Line, Mistake, parse
from relevo.directory.models import Administrator, Moderation, PostPolicy
from relevo.errors import DirectoryError
from relevo.i18n import _

_NEW_LIST: Values = {"policy": PostPolicy.DOMAIN, "senders": [], "moderated": Moderation.OFF, "owners": []}


@dataclass(frozen=True)
class Step:
    """One entry to add, with all its values, or to change, with those that are to be others."""

    line: int
    address: str
    values: Values
    new: bool


@dataclass(frozen=True)
class Plan:
    """What a table asks for; with mistakes nothing of it is done. `steps` are in an order in which they can be done."""

    kind: Kind
    steps: list[Step]
    left: int
    mistakes: list[Mistake]

    @property
    def added(self) -> int:
        """How many entries are new."""
        return sum(step.new for step in self.steps)

    @property
    def changed(self) -> int:
        """How many become others."""
        return len(self.steps) - self.added


def plan(kind: Kind, text: str, who: Administrator | None) -> Plan:
    """Compare a table with what there is; `who` is the administrator on the web, None for who uses a command."""
    lines, mistakes = parse(text, tuple(kind.columns), kind.needed)
    if any(not mistake.line or mistake.column in kind.needed for mistake in mistakes):
        return Plan(kind, [], 0, mistakes)
    rows = [(line.number, values) for line in lines if "address" in (values := _values(kind, line, mistakes))]
    targets = {target for _number, values in rows for target in values.get(kind.targets) or ()}
    known = Known(kind, {values["address"] for _number, values in rows}, targets, who)
    checks = _Checks(kind, known, {values["address"] for _number, values in rows}, mistakes)
    steps, left = [], 0
    for number, values in rows:
        mistakes += [Mistake(number, column, message) for column, message in checks.of(number, values)]
        current = known.entries.get(values["address"])
        wanted = difference(current, values) if current else {k: v for k, v in values.items() if v is not None}
        if wanted:
            steps.append(Step(number, values["address"], wanted, new=current is None))
        else:
            left += 1
    ordered = _ordered(kind, steps, mistakes) if not mistakes else []
    return Plan(kind, ordered, left, sorted(mistakes))


def _values(kind: Kind, line: Line, mistakes: list[Mistake]) -> Values:
    values: Values = {}
    for name, cell in line.cells.items():
        if name in kind.columns:
            try:
                values[name] = kind.columns[name](cell)
            except DirectoryError as error:
                mistakes.append(Mistake(line.number, name, str(error)))
    return values


class _Checks:
    """What the functions of the directory would refuse, foreseen for all rows."""

    def __init__(self, kind: Kind, known: Known, coming: set[str], mistakes: Sequence[Mistake]) -> None:
        self._kind, self._known, self._coming = kind, known, coming
        self._told = {(mistake.line, mistake.column) for mistake in mistakes}
        self._seen: dict[str, int] = {}
        self._new: Counter[str] = Counter()
        self._room: dict[str, int | None] = {}
        self._sums = Sums(known)

    def of(self, number: int, values: Values) -> Iterator[tuple[str, str]]:
        """Yield column and message of each mistake of a row."""
        address = values["address"]
        if (first := self._seen.setdefault(address, number)) != number:
            yield "address", _("line {line} has the same address").format(line=first)
            return
        if refusal := self._place(address):
            yield "address", refusal
        yield from self._targets(address, values)
        if values.get("enabled") is False:
            yield from _refused("enabled", lambda: system.require_may_close(address))
        if address not in self._known.entries and not refusal:
            yield from self._room_for(address)
        if self._kind.name == "mailbox" and not refusal:
            yield from self._sums.of(address, values.get("quota_mb"))
        if self._kind.name == "mailbox" and address not in self._known.entries:
            yield from self._password(number, address, values.get("password"), wanting=not refusal)
        if self._kind.name == "list":
            yield from self._posting(address, values)

    def _place(self, address: str) -> str:
        name = address.rpartition("@")[2]
        domain = self._known.domains.get(name)
        if not domain:
            return _("there is no domain {domain} that you may work in").format(domain=name)
        if domain.alias_of:
            return _("{domain} is an alias domain: its addresses are those of {real}").format(
                domain=domain, real=domain.alias_of
            )
        return self._known.taken(address, self._kind)

    def _targets(self, address: str, values: Values) -> Iterator[tuple[str, str]]:
        for target in values.get(self._kind.targets) or ():
            if target == address:
                yield self._kind.targets, _("mail would run in a circle: {loop}").format(loop=f"{target} → {target}")
            elif self._known.missing(target, self._coming):
                yield self._kind.targets, _("there is no mailbox, alias or list {address}: add it first").format(
                    address=target
                )
            elif target in self._known.closed:
                yield self._kind.targets, _(
                    "only some may post to the list {address}, so nothing can send mail on to it: name its members "
                    "instead"
                ).format(address=target)

    def _posting(self, address: str, values: Values) -> Iterator[tuple[str, str]]:
        now = self._known.entries.get(address, _NEW_LIST)
        policy, senders = values.get("policy") or now["policy"], values.get("senders", now["senders"])
        if (policy == PostPolicy.NAMED) != bool(senders):
            yield "policy", _(
                "{address}: the policy 'named' needs the addresses that may post, and no other policy has any"
            ).format(address=address)
        moderated, owners = values.get("moderated") or now["moderated"], values.get("owners", now["owners"])
        if moderated != Moderation.OFF and not owners:
            yield "owners", _(
                "{address} needs an owner who lets posts through that wait: name at least one"
            ).format(address=address)

    def _room_for(self, address: str) -> Iterator[tuple[str, str]]:
        name = address.rpartition("@")[2]
        self._new[name] += 1
        if name not in self._room:
            self._room[name] = limits.room(self._known.domains[name], self._kind.name)
        room = self._room[name]
        if room is not None and self._new[name] > room:
            yield "address", _("this is beyond the limit of {domain}: it can still get {count}").format(
                domain=name, count=room
            )

    def _password(self, number: int, address: str, given: str | None, *, wanting: bool) -> Iterator[tuple[str, str]]:
        if given and not passwords.is_ready_hash(given):
            yield from _refused("password", lambda: passwords.require_strong(given, address))
        elif not given and wanting and (number, "password") not in self._told:
            yield "password", _("a new mailbox needs a password, or a ready hash such as {ARGON2ID}...")



def _refused(column: str, check: Callable[[], None]) -> Iterator[tuple[str, str]]:
    try:
        check()
    except DirectoryError as error:
        yield column, str(error)


def _ordered(kind: Kind, steps: list[Step], mistakes: list[Mistake]) -> list[Step]:
    """Put what mail goes on to before what sends it there; say where it would run in a circle within the table."""
    own = {step.address: step for step in steps}
    graph = {
        step.address: [t for t in step.values.get(kind.targets) or () if t in own and t != step.address]
        for step in steps
    }
    try:
        return [own[address] for address in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        way = list(reversed(error.args[1]))
        mistakes.append(Mistake(own[way[0]].line, kind.targets, _("mail would run in a circle: {loop}").format(
            loop=" → ".join(way)
        )))
        return []

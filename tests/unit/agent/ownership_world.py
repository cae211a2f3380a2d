"""Three machines in a world of cables, clocks and crashes, each following `relevo.agent.ownership`; no real network.

VRRP is played as keepalived does it: who hears no advert of a holder for 0.3 s takes the virtual IP, unless its agent
says that it must not. A machine can write when its gate is open, it runs, and two of the three bricks take its writes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from relevo.agent.ownership import Given, Orders, Word, orders

STEP = 0.05
WORD_EVERY = 0.2
ADVERT_SECONDS = 0.35
A, B, S = NODES = ("mail01", "mail02", "storage01")
OTHER = {A: B, B: A}


@dataclass
class Machine:
    """One machine and what it remembers; `frozen` stops its agent, its keepalived and its writers, not its clock."""

    name: str
    up: bool = True
    frozen: bool = False
    began: float = 0.0
    holder: bool = False
    holder_since: float = float("inf")
    words: dict[str, Word] = field(default_factory=dict)
    advert_at: float = 0.0
    alone_since: float = float("inf")
    known: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    open: bool = False
    was_cut: bool = False
    claim: str = ""
    granted: str = ""
    storage_up: bool = True
    adopting: bool = False
    said: Orders = field(default_factory=Orders)

    def boot(self, now: float) -> None:
        """Start with what a disk keeps: whom it cut off, whom it knows, that it was cut off."""
        self.up, self.frozen, self.began, self.words = True, False, now, {}
        self.holder, self.open, self.adopting, self.storage_up = False, False, False, True
        self.claim, self.granted = "", ""
        self.advert_at, self.said = now, Orders()


class World:
    """The machines, the cables between them, and time."""

    def __init__(self, seed: int) -> None:
        """Start with all three running."""
        self.chance = random.Random(seed)  # noqa: S311 - a test's dice
        self.now = 100.0
        self.machines = {name: Machine(name, began=100.0, advert_at=100.0) for name in NODES}
        self.down: set[frozenset[str]] = set()
        self.log: list[str] = []

    def linked(self, one: str, two: str) -> bool:
        return frozenset((one, two)) not in self.down

    def run(self, seconds: float) -> Iterator[None]:
        """Go on for so long, a step at a time."""
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self._vrrp()
            names = list(NODES)
            self.chance.shuffle(names)
            for name in names:
                if self.machines[name].up and not self.machines[name].frozen:
                    self._agent(self.machines[name])
            yield

    def writers(self) -> list[str]:
        return [name for name in (A, B) if self._can_write(self.machines[name])]

    def cut_power(self, name: str) -> None:
        self.machines[name].up = False
        self.machines[name].holder = False

    def _can_write(self, machine: Machine) -> bool:
        if not (machine.up and machine.open and machine.storage_up and not machine.frozen):
            return False
        bricks = 1 + sum(self._reaches(machine.name, other) for other in NODES if other != machine.name)
        return bricks >= 2  # of three

    def _reaches(self, name: str, other: str) -> bool:
        far, near = self.machines[other], self.machines[name]
        return far.up and self.linked(name, other) and name not in far.cut and other not in near.cut

    def _vrrp(self) -> None:
        for name in (A, B):
            one, two = self.machines[name], self.machines[OTHER[name]]
            if not one.up or one.frozen:
                continue
            if two.up and not two.frozen and two.holder and self.linked(name, two.name):
                one.advert_at = self.now
                if one.holder and (two.holder_since, two.name) < (one.holder_since, one.name):
                    self._set(one, holder=False)
            if one.said.yields:
                self._set(one, holder=False)
            elif not one.holder and self.now - one.advert_at > ADVERT_SECONDS + 0.02 * (name == B):
                self._set(one, holder=True)

    def _set(self, machine: Machine, *, holder: bool) -> None:
        if machine.holder is not holder:
            machine.holder, machine.holder_since = holder, self.now if holder else float("inf")
            machine.claim = f"{machine.name} {self.now:.3f}" if holder else ""
            self.log.append(f"{self.now:.2f} {machine.name} {'takes' if holder else 'leaves'} the address")

    def _agent(self, machine: Machine) -> None:
        heard = any(word.is_fresh(self.now) for word in machine.words.values())
        machine.alone_since = float("inf") if heard else min(machine.alone_since, self.now)
        self._follow(machine, orders(self._given(machine)))
        for name in NODES:
            far = self.machines[name]
            if self._hears(far, machine) and self.now - _heard_at(far, machine) >= WORD_EVERY - 1e-6:
                far.words[machine.name] = self._word(machine)
                far.known |= {machine.name}

    def _hears(self, far: Machine, machine: Machine) -> bool:
        return far is not machine and far.up and not far.frozen and self.linked(far.name, machine.name)

    def _given(self, machine: Machine) -> Given:
        name = machine.name
        majority = any(self._hears(other, machine) for other in self.machines.values())
        return Given(
            now=self.now, began=machine.began, node=name, other=OTHER.get(name, ""), storage="" if name == S else S,
            words=machine.words, known=machine.known, holder=machine.holder, holder_since=machine.holder_since,
            claim=machine.claim, granted=machine.granted, cut=machine.cut, open=machine.open,
            was_cut=machine.was_cut, majority_lost=not majority, alone_since=machine.alone_since,
            storage_up=machine.storage_up, adopting=machine.adopting,
        )

    def _follow(self, machine: Machine, said: Orders) -> None:
        """Carry orders out; what takes time in the world (a mount) takes a step here."""
        before = machine.said
        machine.said = said
        machine.open, machine.cut, machine.was_cut = said.open, said.cut, not said.storage
        machine.granted = said.granted
        machine.storage_up, machine.adopting = said.storage, said.adopt
        if (before.cut, before.open, bool(before.yields)) != (said.cut, said.open, bool(said.yields)):
            self.log.append(f"{self.now:.2f} {machine.name} {said}")

    def _word(self, machine: Machine) -> Word:
        relayed = {name: replace(word, relayed={}) for name, word in machine.words.items()}
        return Word(
            heard=self.now, holder=machine.holder, holder_since=machine.holder_since, claim=machine.claim,
            concedes=machine.said.concedes, cut=machine.cut, asks=machine.said.asks, clean=machine.said.clean,
            relayed=relayed,
        )


def _heard_at(far: Machine, machine: Machine) -> float:
    return far.words[machine.name].heard if machine.name in far.words else 0.0

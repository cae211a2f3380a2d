"""What the guard does, and in which order; the tables themselves are in tests/integration/test_barriers.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent import deliveries
from relevo.agent.barriers import BarrierError, Barriers
from relevo.agent.faults import Unit
from relevo.agent.guard import Guard
from relevo.agent.ownership import Word
from relevo.agent.units import Units
from tests.unit.agent.waiting import until

A = "127.0.9.11"


class Kernel(Barriers):
    """Keeps in memory what nft would."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.deliveries_ended: list[str] = []
        self.addresses: set[str] = set()
        self.open = False
        self.refuses = False

    def cut_now(self) -> frozenset[str]:
        return frozenset(self.addresses)

    def gate_is_open(self) -> bool:
        return self.open

    def cut(self, address: str) -> None:
        if self.refuses:
            raise BarrierError("nft says no")
        self.done.append(f"cut {address}")

    def let_in(self, address: str) -> None:
        self.done.append(f"let in {address}")

    def open_gate(self) -> None:
        self.done.append("open")

    def close_gate(self) -> None:
        self.done.append("close")

    def end_storage_connections(self, address: str) -> int:
        self.done.append(f"end {address}")
        return 1

    def end_deliveries(self, port: str) -> int:
        self.deliveries_ended.append(port)
        return 0

    def end_client_connections(self, ports: Sequence[str] = ()) -> int:
        del ports
        self.done.append("end")
        return 0


class Systemd(Units):
    """Keeps in memory what systemd would do, and does it at once."""

    def __init__(self, done: list[str]) -> None:
        super().__init__((), lambda _name, _unit: None)
        self.done = done
        self.states = {"relevo-storage.service": "active", "relevo-adopted-queue.service": "inactive"}

    def get(self, name: str) -> Unit:
        return Unit(self.states[name])

    async def start(self, name: str) -> None:
        self.states[name] = "active"
        self.done.append(f"start {name}")

    async def restart(self, name: str) -> None:
        self.done.append(f"restart {name}")

    async def stop(self, name: str) -> None:
        self.states[name] = "inactive"
        self.done.append(f"stop {name}")


def note(event: str, why: str) -> None:
    del event, why


class Play:
    """A guard of mail02 that is told something again and again, as its agent does."""

    def __init__(self, settings, *, address: bool = True) -> None:
        self.kernel = Kernel()
        self.systemd = Systemd(self.kernel.done)
        self.guard = Guard(settings("mail02"), self.systemd, self.kernel, lambda: None, note)
        self.address = address
        self.words = {"mail01": Word(0.0), "storage01": Word(0.0)}
        self.silent: set[str] = set()

    async def hears(self, *expected: str, **words: Word) -> None:
        """Play on with these words until that has been done, and nothing else."""
        self.words |= words
        self.kernel.done.clear()

        def done() -> bool:
            self._decide()
            return len(self.kernel.done) >= len(expected)

        await until(done)
        await asyncio.sleep(0.05)  # a moment for more than was expected
        self._decide()
        assert self.kernel.done == list(expected)

    def _decide(self) -> None:
        now = time.monotonic()
        words = {
            name: replace(word, heard=now - (9 if name in self.silent else 0)) for name, word in self.words.items()
        }
        since = now - 1 if self.address else float("inf")
        self.guard.decide(now, words, holder=self.address, holder_since=since, majority_lost=False)


def play(settings, story, **more: bool) -> None:
    async def main() -> None:
        told = Play(settings, **more)
        await told.guard.start()
        await story(told)

    asyncio.run(main())


def test_from_the_power_cut_of_the_other_to_its_return(settings):
    async def story(told: Play) -> None:
        told.silent = {"mail01"}
        await told.hears(f"end {A}")
        assert (told.guard.view()["asks"], told.guard.is_open) == ("mail01", False)
        await told.hears(
            f"cut {A}", "open", "start relevo-adopted-queue.service", storage01=Word(0.0, cut=frozenset({"mail01"}))
        )
        assert told.kernel.deliveries_ended == ["24"], "they were to the node that is dead"
        told.silent = set()
        await told.hears("stop relevo-adopted-queue.service", f"let in {A}", mail01=Word(0.0, clean=True))
        await told.hears(mail01=Word(0.0), storage01=Word(0.0))
        assert told.guard.is_open

    play(settings, story)


def test_who_is_cut_off_leaves_the_storage_and_comes_back(settings):
    async def story(told: Play) -> None:
        claim = told.guard.view()["claim"]
        await told.hears()
        claim = str(told.guard.view()["claim"])
        await told.hears("open", mail01=Word(0.0, concedes=claim))
        await told.hears(
            "close", "stop relevo-storage.service", storage01=Word(0.0, cut=frozenset({"mail02"}))
        )
        assert told.guard.orders.yields == "cut off from the storage by storage01"
        assert told.guard.view()["clean"]
        told.address = False
        await told.hears("restart glusterd.service", "start relevo-storage.service", storage01=Word(0.0))
        assert not told.guard.view()["clean"]

    play(settings, story)


def test_who_loses_the_address_ends_what_is_connected_and_concedes(settings):
    async def story(told: Play) -> None:
        await told.hears()
        await told.hears("open", mail01=Word(0.0, concedes=str(told.guard.view()["claim"])))
        told.address = False
        await told.hears("close", "end", mail01=Word(0.0, holder=True, claim="theirs"))
        assert told.guard.view()["concedes"] == "theirs"
        assert told.kernel.deliveries_ended == ["24", "24"], "to the last holder, and to itself"

    play(settings, story)


def test_a_fence_that_can_not_be_put_up_keeps_the_gate_closed_and_says_why(settings):
    async def story(told: Play) -> None:
        told.kernel.refuses, told.silent = True, {"mail01"}
        await told.hears(storage01=Word(0.0, cut=frozenset({"mail01"})))
        await until(lambda: told.guard.view()["why"] == "nft says no")
        assert not told.guard.is_open

    play(settings, story)


def test_a_new_agent_knows_what_the_last_one_did(settings, tmp_path: Path):
    async def story(told: Play) -> None:
        await told.hears("stop relevo-storage.service", storage01=Word(0.0, cut=frozenset({"mail02"})))
        again = Guard(settings("mail02"), told.systemd, told.kernel, lambda: None, note)
        now = time.monotonic()
        orders = again.decide(now, {}, holder=False, holder_since=float("inf"), majority_lost=False)
        assert not orders.storage  # until the storage machine says otherwise
        assert (tmp_path / "mail02" / "agent-known").read_text().split() == ["mail01", "storage01"]

    play(settings, story, address=False)


def test_what_the_kernel_holds_is_taken_over(settings):
    async def main() -> None:
        kernel = Kernel()
        kernel.addresses, kernel.open = {A}, True
        guard = Guard(settings("mail02"), Systemd([]), kernel, lambda: None, note)
        await guard.start()
        assert (guard.view()["cut"], guard.is_open) == (["mail01"], True)

    asyncio.run(main())


@pytest.mark.parametrize("node", ["storage01"])
def test_the_storage_machine_has_no_gate_and_no_queue(settings, node: str):
    async def main() -> None:
        kernel = Kernel()
        guard = Guard(settings(node), Systemd(kernel.done), kernel, lambda: None, note)
        await guard.start()
        now = time.monotonic()
        words = {"mail02": Word(now, asks="mail01"), "mail01": Word(now - 9)}
        guard.decide(now, words, holder=False, holder_since=float("inf"), majority_lost=False)
        await until(lambda: kernel.done == ["cut 127.0.9.11"])

    asyncio.run(main())


def test_what_waits_here_is_sent_when_the_other_opens_its_gate(settings, monkeypatch: pytest.MonkeyPatch):
    sent: list[str] = []

    async def flush() -> None:
        sent.append("flush")

    monkeypatch.setattr(deliveries, "_flush", flush)

    async def story(told: Play) -> None:
        for other_open in (False, True, True, False, True):
            told.guard.decide(time.monotonic(), {}, holder=False, holder_since=0, majority_lost=False,
                              other_open=other_open)
            await asyncio.sleep(0)
        assert sent == ["flush", "flush"]

    play(settings, story)


def test_what_was_to_go_to_a_closed_gate_here_is_sent_when_the_virtual_ip_has_gone(settings, monkeypatch):
    sent: list[str] = []

    async def flush() -> None:
        sent.append("flush")

    monkeypatch.setattr(deliveries, "_flush", flush)

    async def story(told: Play) -> None:
        now = time.monotonic()
        for holder in (True, False, False):
            told.guard.decide(now, {}, holder=holder, holder_since=now, majority_lost=False)
        await until(lambda: sent)

    play(settings, story)


def test_an_agent_that_finds_the_gate_open_opens_all_that_belongs_to_it(settings):
    """A virtual IP of IPv6 may have been added since it was opened, or an agent have died in a switchover."""
    async def begin(*, is_open: bool) -> list[str]:
        kernel = Kernel()
        kernel.open = is_open
        own = settings("mail02")
        guard = Guard(own, Systemd(kernel.done), kernel, lambda: None, note)
        await guard.start()
        assert guard.is_open == is_open
        return kernel.done

    assert asyncio.run(begin(is_open=True)) == ["open"]
    assert asyncio.run(begin(is_open=False)) == []

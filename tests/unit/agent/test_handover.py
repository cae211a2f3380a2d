"""A switchover's steps in their order, whatever goes wrong between; that the kernel does it is shown in the lab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent import handover, passage
from relevo.agent.barriers import BarrierError
from relevo.agent.handover import (
    ANSWER_SECONDS,
    BETWEEN_SECONDS,
    LAST_SECONDS,
    SESSION_SECONDS,
    Handover,
    is_over,
    longest_pause,
)
from relevo.agent.passage import Passage, Session, Six, sessions_in
from relevo.agent.quotas import Quotas
from relevo.cluster import wires
from relevo.services.fence import settings
from tests.unit.agent.waiting import until

BUSY, IDLE = Session("192.168.100.50:4000", 0.1), Session("192.168.100.50:4001", 60.0)
LISTED = (
    "0 0 192.168.100.100:25 192.168.100.50:40962 bbr wscale:10,10 rto:204 lastsnd:250340 lastrcv:1040 lastack:40\n"
    "0 0 192.168.100.100:587 192.168.100.50:40964 bbr rto:204 lastrcv:40 minrtt:0.036\n"
    "0 0 [::ffff:192.168.100.100]:465 [::ffff:192.168.100.51]:40966 bbr lastsnd:9000 lastrcv:7000\n"
    "\n"
)


class Hands:
    """Stands for the kernel: notes what was done, and lists the sessions that it was given."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.left: tuple[Session, ...] = ()
        self.under_way: tuple[Session, ...] = ()
        self.broken: set[str] = set()

    def _do(self, name: str) -> None:
        self.done.append(name)
        if name in self.broken:
            raise BarrierError(f"{name} failed")

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: self._do(name)

    def sessions(self) -> tuple[Session, ...]:
        return self.left

    def deliveries(self) -> tuple[Session, ...]:
        return self.under_way

    def end_sessions(self, ended: Sequence[Session]) -> None:
        self.left = tuple(session for session in self.left if session not in ended)
        if ended:
            self.done.append("end_sessions")


class Side:
    """A node during a switchover: who holds the address, and what the other side says."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.holds, self.peer_receives = True, False
        self.handover = Handover(
            self.hands, lambda: None, lambda: self.holds, lambda: self.peer_receives, lambda: self.holds
        )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "READY_SECONDS", 0.3)
    monkeypatch.setattr(handover, "MOVE_SECONDS", 0.3)
    monkeypatch.setattr(handover, "_LOOK_SECONDS", 0.01)


async def gives_all(side: Side) -> None:
    """Hand the virtual IP over, from the order to the end."""
    side.handover.give()
    await until(lambda: side.handover.lets_go)
    side.holds = False
    await until(lambda: not side.handover.gives)


def test_the_names_are_those_of_the_service():
    assert passage.HANDOVER_TABLE == wires.HANDOVER_TABLE
    assert passage.HANDOVER_FILE == settings.HANDOVER_FILE


def test_the_address_moves_when_both_sides_are_ready_and_sessions_end_where_they_began():
    async def play(side: Side) -> None:
        side.hands.under_way, side.hands.left = (BUSY,), (BUSY, IDLE)
        side.handover.give()
        await until(lambda: "keep_address" in side.hands.done)
        side.peer_receives = True
        assert not side.handover.lets_go, "a delivery is under way"
        side.hands.under_way = (IDLE,)
        await until(lambda: side.handover.lets_go)
        assert side.handover.view() == {"gives": True, "receives": False}
        side.holds = False
        await until(lambda: side.hands.left == (BUSY,))
        assert not side.handover.lets_go
        assert side.handover.gives, "a session goes on"
        side.hands.left = ()
        await until(lambda: not side.handover.gives)

    side = Side()
    asyncio.run(play(side))
    assert side.hands.done == [
        "hold_deliveries", "keep_address", "pass_on_deliveries", "hear_nothing", "end_sessions", "hear_again",
        "drop_address", "hear_again", "release_deliveries", "try_again",
    ]


def test_a_client_that_begins_to_speak_after_we_looked_goes_on(monkeypatch: pytest.MonkeyPatch):
    """Nobody is heard while we look again and end; what it has said by then keeps its session."""
    other = Session("192.168.100.50:4002", 60.0)

    async def play(side: Side) -> None:
        side.peer_receives = True
        side.handover.give()
        await until(lambda: side.handover.lets_go)
        side.hands.left = (IDLE, other)
        deaf: list[bool] = []

        def sessions() -> tuple[Session, ...]:
            deaf.append(side.hands.done.count("hear_nothing") > side.hands.done.count("hear_again"))
            if deaf == [False, True]:  # between the two looks a whole message has come
                side.hands.left = (Session(IDLE.peer, 0.0), other)
            return side.hands.left

        monkeypatch.setattr(side.hands, "sessions", sessions)
        side.holds = False
        await until(lambda: "end_sessions" in side.hands.done)
        assert side.hands.left == (Session(IDLE.peer, 0.0),)
        await until(lambda: "hear_again" in side.hands.done)
        side.hands.left = ()
        await until(lambda: not side.handover.gives)

    asyncio.run(play(Side()))


def test_sessions_end_also_where_nobody_can_be_made_unheard():
    async def play(side: Side) -> None:
        side.hands.broken = {"hear_nothing"}
        side.peer_receives, side.hands.left = True, (IDLE,)
        await gives_all(side)

    side = Side()
    asyncio.run(play(side))
    assert side.hands.left == ()


def test_whose_words_may_be_on_their_way_has_not_paused():
    far = Session("203.0.113.7:4000", 0.9, round_trip=0.4)
    assert not is_over(far, BETWEEN_SECONDS)
    assert is_over(replace(far, idle=1.1), BETWEEN_SECONDS)
    assert is_over(replace(far, idle=0.0), longest_pause(LAST_SECONDS + ANSWER_SECONDS)), "at last nobody is waited for"


def test_the_round_trip_is_read_from_the_list():
    line = "0 0 192.168.100.100:25 192.168.100.50:1 cubic rto:204 rtt:150.5/3.2 ato:40 lastsnd:600 lastrcv:900\n"
    assert sessions_in(line) == [Session("192.168.100.50:1", 0.6, round_trip=0.1505)]


def test_a_session_that_never_pauses_is_ended_between_two_messages_and_only_at_last_within_one():
    within_a_message, between_two, away = 0.0, 0.3, 60.0
    assert within_a_message < between_two < longest_pause(SESSION_SECONDS - 1) < away
    assert within_a_message < longest_pause(SESSION_SECONDS) < between_two
    assert within_a_message < longest_pause(LAST_SECONDS + ANSWER_SECONDS - 1) < between_two
    assert longest_pause(LAST_SECONDS + ANSWER_SECONDS) == within_a_message


def test_a_session_that_never_pauses_is_not_heard_any_more_and_ended_after_its_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(handover, "SESSION_SECONDS", 0.1)
    monkeypatch.setattr(handover, "LAST_SECONDS", 0.2)
    waits, answered = Session("192.168.100.50:4000", 0.0), Session("192.168.100.50:4000", 0.5)

    async def play(side: Side) -> None:
        side.peer_receives, side.hands.left = True, (waits,)
        side.handover.give()
        await until(lambda: side.handover.lets_go)
        side.holds = False
        await until(lambda: "hear_nothing" in side.hands.done)
        assert "end_sessions" not in side.hands.done, "it waits for our answer"
        side.hands.left = (answered,)
        await until(lambda: not side.handover.gives)

    side = Side()
    asyncio.run(play(side))
    assert side.hands.done.count("hear_nothing") == 1
    assert side.hands.done[-5:] == ["end_sessions", "drop_address", "hear_again", "release_deliveries", "try_again"]


def test_a_peer_that_never_makes_ready_holds_it_up_for_a_while_only():
    async def play(side: Side) -> None:
        await gives_all(side)

    asyncio.run(play(Side()))


def test_when_nobody_takes_the_address_all_is_as_before():
    async def play(side: Side) -> None:
        side.peer_receives, side.hands.left = True, (BUSY,)
        side.handover.give()
        await until(lambda: side.handover.lets_go)
        await until(lambda: not side.handover.gives)
        assert not side.handover.lets_go

    side = Side()
    asyncio.run(play(side))
    assert side.hands.left == (BUSY,)
    assert side.hands.done[-4:] == ["drop_address", "hear_again", "release_deliveries", "ask_for_quotas"]


def test_what_the_kernel_refuses_does_not_stop_the_rest():
    async def play(side: Side) -> None:
        side.hands.broken = {"hold_deliveries", "drop_address"}
        side.peer_receives = True
        await gives_all(side)

    side = Side()
    asyncio.run(play(side))
    assert side.hands.done == [
        "hold_deliveries", "keep_address", "pass_on_deliveries", "drop_address", "hear_again", "release_deliveries",
        "try_again",
    ]


def test_the_successor_follows_the_old_holder_and_tries_again():
    async def play(side: Side) -> None:
        side.hands.broken = {"receive"}
        side.handover.follow(peer_gives=True)
        await until(lambda: side.hands.done == ["receive"])
        assert not side.handover.receives
        side.hands.broken = set()

        def follows() -> bool:
            side.handover.follow(peer_gives=True)
            return side.handover.receives

        await until(follows)
        side.handover.follow(peer_gives=False)
        await until(lambda: not side.handover.receives)

    side = Side()
    asyncio.run(play(side))
    assert side.hands.done == ["receive", "receive", "stop_receiving"]


def test_an_agent_that_starts_cleans_up():
    side = Side()
    asyncio.run(side.handover.clean_up())
    assert side.hands.done == ["drop_address", "hear_again", "release_deliveries", "stop_receiving"]


def test_sessions_are_read_from_the_list():
    assert sessions_in(LISTED) == [
        Session("192.168.100.50:40962", 0.0), Session("192.168.100.50:40964", 0.0),
        Session("192.168.100.51:40966", 0.0),
    ]


def test_who_waits_for_our_answer_is_not_idle():
    line = "0 0 192.168.100.100:25 192.168.100.50:1 bbr lastsnd:{} lastrcv:{}\n"
    assert [session.idle for session in sessions_in(line.format(6000, 5990))] == [0.0], "its message is being filtered"
    assert [session.idle for session in sessions_in(line.format(6000, 6020))] == [6.0], "it has its answer"
    assert [session.idle for session in sessions_in(line.format(6000, 6000))] == [0.0], "nobody can tell"
    assert [session.idle for session in sessions_in(line.format(26000, 26000))] == [6.0], "no filter takes so long"


def test_an_address_that_neighbours_would_be_told_of_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: "0\n")
    commands: list[Sequence[str]] = []
    with pytest.raises(BarrierError, match="arp_ignore"):
        Passage("192.168.100.100", ["25"], "24", run=lambda command: commands.append(command) or "").keep_address()
    assert not commands


def test_nobody_asks_for_quotas_while_mailboxes_are_handed_over(tmp_path: Path):
    link = tmp_path / "quota"
    passage = Passage("192.168.100.100", ["25"], "24", run=lambda _: "", quotas=Quotas("/run/asked", str(link)))
    passage.ask_for_quotas()
    assert link.readlink() == Path("/run/asked")
    passage.hold_deliveries()
    passage.hold_deliveries()
    assert not link.is_symlink()
    passage.release_deliveries()
    assert not link.is_symlink(), "who opens the gate lets ask"


class Kernel:
    """Notes commands, and answers those that show something."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def __call__(self, command: Sequence[str]) -> str:
        self.commands.append(" ".join(command))
        return "something" if "show" in command else ""


def passage_6(kernel: Kernel) -> Passage:
    six = Six("fd00:100::100", "fd00:100::/64", "eth0", "fe80::c0a8:640b")
    return Passage("192.168.100.100", ["25"], "24", run=kernel, six=six)


def test_ipv6_is_kept_with_the_way_to_its_clients_and_dropped_with_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: "2\n")
    kernel = Kernel()
    passage_6(kernel).keep_address()
    assert kernel.commands[1:] == [
        "ip address replace fe80::c0a8:640b/128 dev eth0 nodad",
        "ip -6 route replace fd00:100::/64 dev eth0 metric 512",
        "ip address replace fd00:100::100/128 dev lo",
    ]
    kernel.commands.clear()
    passage_6(kernel).drop_address()
    assert [command for command in kernel.commands if " delete " in command] == [
        "ip address delete 192.168.100.100/32 dev lo",
        "ip address delete fd00:100::100/128 dev lo",
        "ip address delete fe80::c0a8:640b/128 dev eth0",
        "ip -6 route delete fd00:100::/64 dev eth0 metric 512",
    ]


def test_both_families_are_received_and_no_more():
    kernel = Kernel()
    passage_6(kernel).receive()
    passage_6(kernel).stop_receiving()
    assert kernel.commands == [
        "nft flush set ip relevo_handover ours ; flush set ip6 relevo_handover ours",
        "nft add element ip relevo_handover receives { 192.168.100.100 }",
        "nft add element ip6 relevo_handover receives { fd00:100::100 }",
        "nft flush set ip relevo_handover receives ; flush set ip6 relevo_handover receives",
    ]


def test_sessions_of_ipv6_are_read_and_ended_by_their_family():
    assert sessions_in("0 0 [fd00:100::100]:25 [fd00:100::100:7]:40962 lastsnd:800 lastrcv:900\n") == [
        Session("fd00:100::100:7:40962", 0.8)
    ]
    kernel = Kernel()
    passage_6(kernel).end_sessions([Session("fd00:100::100:7:40962", 6.0), Session("192.168.100.50:4000", 6.0)])
    assert kernel.commands == [
        "ss --kill --no-header --numeric --tcp src 192.168.100.100 and ( dst 192.168.100.50:4000 )",
        "ss --kill --no-header --numeric --tcp src [fd00:100::100] and ( dst [fd00:100::100:7]:40962 )",
    ]


def test_only_the_virtual_ip_itself_is_no_client():
    listed = "0 0 [fd00:100::100]:25 [fd00:100::100]:4000\n0 0 [fd00:100::100]:25 [fd00:100::100:7]:4000\n"
    made = Passage("192.168.100.100", ["25"], "24", run=lambda command: listed if "[fd00:100::100]" in command else "",
                   six=Six("fd00:100::100", "fd00:100::/64", "eth0", "fe80::1"))
    assert [session.peer for session in made.sessions()] == ["fd00:100::100:7:4000"]

"""The list of clients that the holder of the virtual IP shares: real connections on loopback, messages through JSON."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from relevo.agent import clients as clients_module
from relevo.agent.clients import LONGEST, MOST, WHOLE_SECONDS, Clients
from relevo.agent.connections import Connection

VIP = "127.0.78.1"  # not that of the other tests: nobody else connects to it
ONE, TWO = ["192.0.2.50", 50_000, 143], ["192.0.2.51", 50_001, 993]
SIX = ["fd00:100::50", 50_000, 143]


@pytest.fixture
def connect() -> Iterator[Callable[[str], tuple[list[object], Callable[[], None]]]]:
    """Connect to the VIP from an address; return it as in a message, and how to end it."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server((VIP, 0)))

        def make(client: str) -> tuple[list[object], Callable[[], None]]:
            made = stack.enter_context(socket.create_connection(server.getsockname(), source_address=(client, 0)))
            accepted = stack.enter_context(server.accept()[0])

            def end() -> None:
                made.close()
                accepted.close()

            return [*made.getsockname(), server.getsockname()[1]], end

        yield make


def connections(*rows: list[object]) -> set[Connection]:
    return {Connection(*row) for row in rows}


def test_the_holder_tells_all_then_the_differences_then_nothing(connect):
    own = Clients(VIP)
    assert own.survey(0) == {"clients": {"all": []}}  # a successor must not wake those of an earlier holder
    first, end_first = connect("127.0.78.50")
    assert own.survey(1) == {"clients": {"new": [first], "gone": []}}
    assert own.survey(2) is None
    second, _ = connect("127.0.78.51")
    end_first()
    assert own.survey(3) == {"clients": {"new": [second], "gone": [first]}}
    assert own.survey(WHOLE_SECONDS - 0.1) is None
    assert own.survey(WHOLE_SECONDS) == {"clients": {"all": [second]}}
    assert own.survey(WHOLE_SECONDS + 1) is None


def test_a_new_peer_and_a_new_reign_begin_with_the_whole_list(connect):
    own = Clients(VIP)
    one, _ = connect("127.0.78.50")
    assert own.survey(0) == {"clients": {"all": [one]}}
    own.whole_next()
    assert own.survey(1) == {"clients": {"all": [one]}}
    own.left()
    assert own.survey(2) == {"clients": {"all": [one]}}


def test_who_was_ended_when_the_virtual_ip_left_is_woken_when_it_comes_back_at_once(connect):
    own = Clients(VIP)
    one, _ = connect("127.0.78.50")
    own.survey(0)
    own.left()
    own.heard("mail02", {"clients": {"all": [TWO]}})
    assert set(own.take_over()) == connections(one, TWO)
    assert set(own.take_over()) == connections(TWO), "once is enough"


def test_what_was_seen_before_the_virtual_ip_left_is_not_told(connect, monkeypatch):
    own = Clients(VIP)
    connect("127.0.78.50")
    look = clients_module.established

    def slowly(vip: str) -> frozenset[Connection]:
        found = look(vip)
        own.left()
        return found

    monkeypatch.setattr(clients_module, "established", slowly)
    assert own.survey(0) is None


def test_the_other_node_knows_whom_the_holder_had(connect):
    holder, other = Clients(VIP), Clients(VIP)
    tell = lambda now: other.heard("mail01", json.loads(json.dumps(holder.survey(now))))  # noqa: E731 - short
    assert other.take_over() == ()
    first, end_first = connect("127.0.78.50")
    second, _ = connect("127.0.78.51")
    tell(0)
    assert set(other.take_over()) == connections(first, second)
    end_first()
    third, _ = connect("127.0.78.52")
    tell(1)
    assert set(other.take_over()) == connections(second, third)
    assert set(other.take_over()) == connections(second, third)  # asking forgets nothing
    other.left()
    assert set(other.take_over()) == connections(second, third)


def test_the_previous_holder_is_the_peer_that_spoke_last():
    own = Clients(VIP)
    own.heard("mail01", {"clients": {"all": [ONE]}})
    own.heard("mail02", {"clients": {"all": [TWO]}})
    assert own.take_over() == (Connection(*TWO),)
    own.heard("mail01", {"clients": {"new": [], "gone": []}})
    assert own.take_over() == (Connection(*ONE),)


def test_differences_fit_whatever_was_missed():
    own = Clients(VIP)
    own.heard("mail01", {"clients": {"new": [ONE], "gone": [TWO]}})
    own.heard("mail01", {"clients": {"new": [ONE, TWO], "gone": []}})
    assert set(own.take_over()) == connections(ONE, TWO)


@pytest.mark.parametrize("message", [
    [], None, "clients", {}, {"clients": []}, {"clients": {}}, {"clients": {"all": []}, "more": 1},
    {"clients": {"new": []}}, {"clients": {"all": [], "gone": []}}, {"clients": {"all": None}},
    {"clients": {"all": {}}}, {"clients": {"all": "text"}}, {"clients": {"new": [ONE], "gone": [1]}},
    *({"clients": {"all": [row]}} for row in [
        [], ["192.0.2.50", 50_000], [*ONE, 1], {"192.0.2.50": 1}, [1, 2, 3], [None, 2, 3],
        ["192.0.2.50", 0, 143], ["192.0.2.50", 65_536, 143], ["192.0.2.50", 50_000, -1], ["192.0.2.50", True, 143],
        ["192.0.2.50", 50_000.0, 143], ["192.0.2.50", "50000", 143], ["192.0.2.50", 50_000, None],
        ["", 50_000, 143], ["client", 50_000, 143], ["192.0.2.050", 50_000, 143], ["192.0.2", 50_000, 143],
        ["192.0.2.50\0", 50_000, 143], ["192.0.2.5\u0660", 50_000, 143], ["fd00:0::1", 50_000, 143],
    ]),
])
def test_nonsense_is_refused_and_what_was_known_stays(message: object):
    own = Clients(VIP)
    own.heard("mail01", {"clients": {"all": [TWO]}})
    with pytest.raises(ValueError, match=r"^not a "):
        own.heard("mail01", message)
    assert own.take_over() == (Connection(*TWO),)


def many(count: int, first: str = "10.9") -> list[list[object]]:
    return [[f"{first}.{at >> 8}.{at & 255}", 65_535, 65_535] for at in range(count)]


def test_more_than_can_be_are_refused_also_bit_by_bit():
    own = Clients(VIP)
    own.heard("mail01", {"clients": {"all": many(MOST)}})
    with pytest.raises(ValueError, match="not a list"):
        own.heard("mail01", {"clients": {"all": many(MOST + 1)}})
    with pytest.raises(ValueError, match="more clients"):
        own.heard("mail01", {"clients": {"new": [ONE], "gone": []}})
    assert len(own.take_over()) == MOST


def test_the_holder_tells_no_more_than_the_others_take(monkeypatch):
    own, other = Clients(VIP), Clients(VIP)
    found = connections(*many(MOST))
    monkeypatch.setattr(clients_module, "established", lambda _: frozenset(found))
    line = json.dumps(own.survey(0), separators=(",", ":"))
    assert len(line) < LONGEST
    other.heard("mail01", json.loads(line))
    found |= connections(*many(1000, "10.0"))
    assert own.survey(1) is None  # no room
    found -= connections(*many(10))
    other.heard("mail01", own.survey(2))
    assert len(other.take_over()) == MOST
    assert set(other.take_over()) < found


def test_the_longest_message_of_ipv6_has_room_too():
    rows = [[f"2001:db8:ffff:ffff:ffff:ffff:{at >> 8 | 0xF000:x}:{at & 255 | 0xFF00:x}", 65_535, 65_535]
            for at in range(MOST)]
    message = {"clients": {"all": rows}}
    assert len(json.dumps(message, separators=(",", ":"))) < LONGEST
    own = Clients("2001:db8::100")
    own.heard("mail01", message)
    assert len(own.take_over()) == MOST


def test_clients_of_both_families_are_told_in_one_list(connect):
    holder, other = Clients(VIP, "::1"), Clients(VIP, "::1")
    four, _ = connect("127.0.78.50")
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
        stack.enter_context(socket.create_connection(server.getsockname()[:2]))
        stack.enter_context(server.accept()[0])
        assert holder.survey(0) == {"clients": {"all": [four]}}  # a machine's connections with itself are left out
    other.heard("mail01", {"clients": {"all": [four, SIX]}})
    assert set(other.take_over()) == connections(four, SIX)
    with pytest.raises(ValueError, match="not a client's address"):
        other.heard("mail01", {"clients": {"all": [["fd00:100:0::50", 50_000, 143]]}})  # not the form of the kernel


def test_a_peer_that_has_ipv6_before_us_is_understood():
    """Else its link would break again and again, from when the file is applied there until it is applied here."""
    own = Clients(VIP)
    own.heard("mail01", {"clients": {"all": [ONE, SIX]}})
    assert set(own.take_over()) == connections(ONE, SIX)

"""relevo-lookup against name servers of our own on loopback: whom it asks, whom it believes, and that it is in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import dns.asyncquery
import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from relevo.lookup import servers
from relevo.lookup.answers import SECONDS, answer
from relevo.lookup.ask import DIFFER, SILENT, ask
from relevo.lookup.questions import Question, Refused, parse


class Server:
    """A name server on an address of its own (127.0.0.x), at whatever port is free."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.referrals: dict[str, list[str]] = {}
        self.authority, self.silent, self.asked = True, False, []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, client = self._socket.recvfrom(4096)
                question = dns.message.from_wire(data)
                (one,) = question.question
                self.asked.append((str(one.name), one.rdtype.name))
                if not self.silent:
                    self._socket.sendto(self._answer(question).to_wire(), client)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        (one,) = question.question
        name, kind = str(one.name).rstrip("."), one.rdtype.name
        told = dns.message.make_response(question)
        if name in self.referrals and kind == "NS":
            told.authority.append(dns.rrset.from_text(f"{name}.", 60, "IN", "NS", *self.referrals[name]))
            return told
        if self.authority:
            told.flags |= dns.flags.AA
        else:
            told.flags |= dns.flags.RA
        if found := self.zone.get((name, kind)):
            told.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *found))
        elif alias := self.zone.get((name, "CNAME")):
            told.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *alias))
        elif not any(known == name for known, _kind in self.zone):
            told.set_rcode(dns.rcode.NXDOMAIN)
        return told


class World:
    """A resolver, the servers of org, and two of example.org."""

    def __init__(self) -> None:
        self.resolver, self.above, self.one, self.two = (Server(f"127.0.0.{number}") for number in (51, 52, 53, 54))
        self.resolver.authority = False
        self.all = {server.address: server for server in (self.resolver, self.above, self.one, self.two)}
        self.resolver.zone = {
            ("org", "NS"): ["ns.org."], ("ns.org", "A"): ["127.0.0.52"],
            ("example.org", "NS"): ["ns1.example.org.", "ns2.example.org."],
            ("ns1.example.org", "A"): ["127.0.0.53"], ("ns2.example.org", "A"): ["127.0.0.54"],
            ("example.org", "MX"): ["10 remembered.example.org."],
        }
        self.above.referrals = {"example.org": ["ns1.example.org.", "ns2.example.org."]}
        for server in (self.one, self.two):
            server.zone = {("example.org", "MX"): ["10 mail.example.org."], ("example.org", "A"): ["192.0.2.1"]}

    def own(self) -> dns.asyncresolver.Resolver:
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.51"], self.resolver.port
        made.timeout, made.lifetime = 0.5, 1.0
        return made

    def ask(self, *records: tuple[str, str], domain: str = "example.org", inside: str = "") -> list[dict]:
        return asyncio.run(answer(Question(domain, inside, records), self.own()))


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    made = World()
    real = dns.asyncquery.udp_with_fallback

    async def at_its_port(question, where, **more):
        return await real(question, where, port=made.all[where].port, **more)

    monkeypatch.setattr(dns.asyncquery, "udp_with_fallback", at_its_port)
    yield made
    for server in made.all.values():
        server.close()


MX = ("example.org", "MX")


def test_what_the_domains_own_servers_say_counts_and_not_what_a_resolver_remembers(world):
    assert world.ask(MX) == [{"found": ["10 mail.example.org."], "by": "authority", "trouble": ""}]
    assert ("example.org.", "MX") in world.one.asked
    assert ("example.org.", "MX") in world.two.asked


def test_a_name_that_is_not_there_is_not_there_for_sure(world):
    assert world.ask(("_dmarc.example.org", "TXT")) == [{"found": [], "by": "authority", "trouble": ""}]


def test_servers_that_don_t_say_the_same_are_told_of(world):
    world.two.zone["example.org", "MX"] = ["10 old.example.org."]
    (told,) = world.ask(MX)
    assert (told["trouble"], told["found"]) == (DIFFER, ["10 mail.example.org.", "10 old.example.org."])


def test_a_dead_server_is_passed_over(world):
    world.two.silent = True
    assert world.ask(MX)[0]["found"] == ["10 mail.example.org."]


def test_when_none_of_them_can_be_reached_the_resolvers_word_is_taken(world):
    world.one.silent = world.two.silent = True
    assert world.ask(MX) == [{"found": ["10 remembered.example.org."], "by": "resolver", "trouble": ""}]


def test_a_server_that_knows_it_from_others_is_no_authority(world):
    world.one.authority = world.two.authority = False
    assert world.ask(MX)[0]["by"] == "resolver"


def test_a_record_that_stands_elsewhere_is_followed_by_the_resolver(world):
    name = "s1._domainkey.example.org"
    for server in (world.one, world.two):
        server.zone[name, "CNAME"] = ["s1.elsewhere.example."]
    world.resolver.zone[name, "TXT"] = ['"v=DKIM1; " "p=MIIB"']
    assert world.ask((name, "TXT")) == [{"found": ["v=DKIM1; p=MIIB"], "by": "resolver", "trouble": ""}]


def test_a_name_in_another_zone_is_the_resolvers(world):
    world.resolver.zone["1.2.0.192.in-addr.arpa", "PTR"] = ["mail.example.org."]
    assert world.ask(("1.2.0.192.in-addr.arpa", "PTR"))[0]["found"] == ["mail.example.org."]


# --- the domain that this platform's own name servers have: the resolver is ourselves ---------------------------------
def test_of_ones_own_domain_the_world_is_asked(world):
    world.resolver.zone["example.org", "NS"] = ["mail01.example.org."]  # as the inside sees it
    assert world.ask(MX, inside="example.org")[0]["found"] == ["10 mail.example.org."]
    assert ("example.org.", "NS") in world.above.asked


def test_of_ones_own_domain_ones_own_word_is_worth_nothing(world):
    world.above.silent = True
    assert world.ask(MX, inside="example.org") == [{"found": [], "by": "", "trouble": SILENT}]
    world.above.silent, world.one.silent, world.two.silent = False, True, True
    assert world.ask(MX, inside="example.org") == [{"found": [], "by": "", "trouble": SILENT}]


@pytest.mark.parametrize("above", ["no such domain", "no such zone"])
def test_a_domain_that_the_world_does_not_know_is_as_we_say(world, above):
    world.above.referrals = {}
    if above == "no such zone":
        world.resolver.zone = {key: data for key, data in world.resolver.zone.items() if key[0] != "org"}
        world.resolver.zone["", "NS"] = []
    assert world.ask(MX, inside="example.org")[0] == {
        "found": ["10 remembered.example.org."], "by": "resolver", "trouble": "",
    }


def test_a_domain_that_is_part_of_the_zone_above_is_asked_for_there(world):
    world.above.referrals = {}
    world.above.zone = {("example.org", "MX"): ["10 above.example.org."]}
    assert world.ask(MX, inside="example.org")[0]["found"] == ["10 above.example.org."]


def test_in_silence_it_is_in_time(world):
    for server in world.all.values():
        server.silent = True
    began = time.monotonic()
    many = [(f"n{number}.example.org", "TXT") for number in range(30)]
    assert {told["trouble"] for told in world.ask(*many)} == {SILENT}
    assert time.monotonic() - began < SECONDS + 0.7


# --- what can be asked ------------------------------------------------------------------------------------------------
GOOD = {"domain": "example.org", "inside": "", "ask": [["_dmarc.example.org", "TXT"], ["example.org", "MX"]]}


def test_a_question():
    assert parse(json.dumps(GOOD).encode()) == Question(
        "example.org", "", (("_dmarc.example.org", "TXT"), ("example.org", "MX"))
    )


@pytest.mark.parametrize("wrong", [
    {}, [], "x", {**GOOD, "domain": ""}, {**GOOD, "domain": "localhost"}, {**GOOD, "domain": "example.org\n"},
    {**GOOD, "inside": "a b.example"}, {**GOOD, "ask": []}, {**GOOD, "ask": [["example.org", "AXFR"]]},
    {**GOOD, "ask": [["../example.org", "MX"]]}, {**GOOD, "ask": [["example.org"]]}, {**GOOD, "ask": None},
    {**GOOD, "ask": [["example.org", "MX"]] * 65}, {**GOOD, "domain": "a." * 130 + "org"}, {**GOOD, "domain": 7},
])
def test_anything_else_is_refused(wrong):
    with pytest.raises(Refused):
        parse(json.dumps(wrong).encode())


def test_as_systemd_starts_it_nonsense_is_refused_in_a_line():
    done = subprocess.run(
        [sys.executable, "-m", "relevo.lookup"], input=b'{"domain": "x"}\n', capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "refused" in json.loads(done.stdout)


@pytest.mark.parametrize("said", [b'{"refused":"no"}\n', b"[]\n", b"", b"hello\n"])
def test_who_asks_takes_nothing_for_an_answer_that_is_none(tmp_path, said):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(1)

        def once() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        threading.Thread(target=once, daemon=True).start()
        with pytest.raises(ValueError, match=r".*"):
            ask(GOOD, path, 2)


def test_the_servers_of_nobody_are_unknown(world):
    world.resolver.silent = True
    with pytest.raises(servers.Unknown):
        asyncio.run(servers.of("example.org", "", world.own()))

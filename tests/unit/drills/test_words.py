"""Small parts: letters, relay attempts, leases, DNS records, old TLS, names of drills."""

from __future__ import annotations

import io
import json
import ssl
import zipfile
from dataclasses import replace
from ipaddress import IPv6Interface

import dkim
import pytest

from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.drills import blackout, catalogue, lease, letters, names, tls_ports, waiting
from relevo.drills.outage import Outage
from relevo.drills.promises import authentication, dns_and_dhcp
from relevo.drills.relay import attempts
from relevo.drills.result import Verdict
from relevo.drills.vocabulary import World
from relevo.drills.watch import Exchange
from relevo.errors import DrillError, UsageError
from tests.unit.drills.conftest import MemoryPlatform


def test_letters_go_over_the_wire_with_cr_lf_and_their_token() -> None:
    made = letters.letter("a@example.org", "b@example.org", "año", "ñandú\n.\n")
    assert b"\n" not in made.raw.replace(b"\r\n", b"")
    assert made.raw.count(made.token.encode()) >= 3
    assert letters.letter("a@example.org", "b@example.org", "x").token != made.token


def test_the_virus_is_whole_at_run_time_and_in_its_archives() -> None:
    assert len(letters.eicar()) == 68
    inner = letters.zipped("inner.com", letters.eicar())
    outer = zipfile.ZipFile(io.BytesIO(letters.zipped("outer.zip", inner)))
    assert zipfile.ZipFile(io.BytesIO(outer.read("outer.zip"))).read("inner.com") == letters.eicar()


def test_a_dozen_ways_to_relay_are_tried_and_all_lead_elsewhere() -> None:
    tried = attempts("example.org", "mail.example.org", "192.0.2.1", "visitor@outside.example")
    assert len(tried) >= 12
    assert len({(attempt.sender, attempt.recipient, attempt.port) for attempt in tried}) == len(tried)
    assert all("visitor" in attempt.recipient for attempt in tried)


def test_a_lease_is_read_from_what_the_client_said() -> None:
    said = "udhcpc: started\nLEASE ip=192.168.100.201 dns=192.168.100.11 192.168.100.12 domain=example.org lease=3600\n"
    expected = lease.Lease("192.168.100.201", ("192.168.100.11", "192.168.100.12"), "example.org", 3600)
    assert lease.parse(said) == expected


def test_no_lease_is_no_success() -> None:
    with pytest.raises(DrillError, match="no lease"):
        lease.parse("udhcpc: no lease, failing")


def test_the_records_that_are_wanted(world: World) -> None:
    wanted = {record.title: record for record in dns_and_dhcp.wanted_records(world)}
    assert {"A", "MX", "SPF", "DMARC", "PTR", "SRV _submissions._tcp"} <= set(wanted)
    assert wanted["PTR"].name == "100.100.168.192.in-addr.arpa"
    assert wanted["MX"].fits("10 mail.chocolatesparati.com.bo")
    assert not wanted["MX"].fits("10 elsewhere.example")
    assert "AAAA" not in wanted
    assert wanted["SRV _imaps._tcp"].fits("0 1 993 mail.chocolatesparati.com.bo")
    assert wanted["DMARC"].fits("v=DMARC1; p=reject; rua=mailto:x@example.org")
    assert not wanted["DMARC"].fits("v=DMARC1; p=none")


def test_the_records_of_ipv6_are_wanted_where_there_is_one(world: World) -> None:
    network = world.cluster.network.model_copy(update={"vip6": IPv6Interface("fd00:100::100/64")})
    world = replace(world, cluster=world.cluster.model_copy(update={"network": network}))
    wanted = {record.kind + record.name: record for record in dns_and_dhcp.wanted_records(world)}
    assert wanted["AAAAmail.chocolatesparati.com.bo"].fits("fd00:100::100")
    reverse = "0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.d.f.ip6.arpa"
    assert wanted[f"PTR{reverse}"].fits("mail.chocolatesparati.com.bo")


def told(selector: str, state: str, pem: str) -> dict[str, str]:
    """Return a key as `relevo dkim list --format json` tells it."""
    record = f"{selector}._domainkey.chocolatesparati.com.bo"
    return {"selector": selector, "state": state, "record": record, "public": dkim_public_key(pem)}


def test_the_wanted_dkim_record_verifies_what_the_key_signs(world: World) -> None:
    pem = make_dkim_key()
    (wanted,) = dns_and_dhcp.key_records([told("s2026", "signing", pem)])
    record = f"v=DKIM1; k=rsa; p={dkim_public_key(pem)}"
    assert (wanted.name, wanted.kind) == ("s2026._domainkey.chocolatesparati.com.bo", "TXT")
    assert wanted.fits(record)
    assert not wanted.fits(f"v=DKIM1; k=rsa; p={dkim_public_key(make_dkim_key())}")
    raw = letters.letter("a@example.org", "b@example.org", "signed").raw
    signed = dkim.sign(raw, b"s", b"example.org", pem.encode()) + raw
    assert dkim.verify(signed, dnsfunc=lambda *_, **__: record.encode())
    assert not dkim.verify(signed + b"more\r\n", dnsfunc=lambda *_, **__: record.encode())


def asked_for(world: World, platform: MemoryPlatform, monkeypatch, *keys: dict[str, str]) -> set[str]:
    """Return which names of DKIM keys the drill asks both mail nodes for, on a platform with these keys."""
    platform.says["dkim list --format json chocolatesparati.com.bo"] = json.dumps(keys)
    asked: set[tuple[str, str]] = set()

    def ask(server: str, name: str, _kind: str) -> names.Records:
        asked.add((server, name))
        return names.Records((), authoritative=True, code="NOERROR")

    monkeypatch.setattr(dns_and_dhcp.names, "ask", ask)
    monkeypatch.setattr(dns_and_dhcp, "_lease", lambda _world: None)
    dns_and_dhcp.run(world)
    found = [{name for server, name in asked if server == node.address and "_domainkey" in name}
             for node in world.mail_nodes]
    assert found[0] == found[1]
    return found[0]


def test_after_a_rotation_the_key_of_the_secrets_file_is_not_wanted(world, platform, monkeypatch) -> None:
    keys = told("new1", "signing", make_dkim_key()), told("old1", "retired", make_dkim_key())
    assert asked_for(world, platform, monkeypatch, *keys) == {key["record"] for key in keys}


def test_a_domain_without_a_key_that_signs_is_not_counted_as_passed(world, platform, monkeypatch) -> None:
    assert not asked_for(world, platform, monkeypatch)
    skipped = [check for check in world.recorder.checks if check.verdict is Verdict.NOT_RUN]
    assert [check.name for check in skipped] == ["DKIM"]
    assert "no key of chocolatesparati.com.bo signs" in skipped[0].obtained


@pytest.mark.parametrize(("title", "version"), [("TLSv1", ssl.TLSVersion.TLSv1), ("TLSv1.1", ssl.TLSVersion.TLSv1_1)])
def test_this_client_can_speak_old_tls(title: str, version: ssl.TLSVersion) -> None:
    assert tls_ports._with_own_server(version) == title  # noqa: SLF001 - the proof that a refusal means something


def test_without_a_name_all_run_but_the_long_ones() -> None:
    chosen = catalogue.chosen([])
    assert not any(drill.long for drill in chosen)
    assert set(catalogue.DRILLS) - set(chosen) == {drill for drill in catalogue.DRILLS if drill.long}
    assert {"round-trip", "failover", "lossless"} <= {drill.name for drill in chosen}


def test_drills_are_found_by_name_and_a_mistake_gets_a_hint() -> None:
    assert [drill.name for drill in catalogue.chosen(["failover", "data"])] == ["data", "failover"]
    assert [drill.name for drill in catalogue.chosen(["services"])] == ["services"]
    with pytest.raises(UsageError, match="did you mean failover"):
        catalogue.chosen(["failovr"])


async def _nothing() -> str:
    return ""


@pytest.mark.parametrize(
    ("outage", "words"),
    [
        (Outage(0.04, 0, 99, recovered=True, measured=True, trouble=""), "none of 99 lost"),
        (Outage(0.71, 31, 250, recovered=True, measured=True, trouble="refused"), "0.71 s, 31 of 250 lost"),
        (Outage(30.0, 99, 99, recovered=False, measured=False, trouble="refused"), "never answered again (refused)"),
        (Outage(30.0, 99, 200, recovered=False, measured=True, trouble="refused"), "not steady again"),
    ],
)
def test_outages_in_words(outage: Outage, words: str) -> None:
    assert words in blackout.in_words(Exchange("SMTP", "banner", 0.02, _nothing), outage)


def test_a_server_that_calls_us_too_fast_is_asked_again() -> None:
    answers = [(450, "4.7.1 Error: too much mail from 192.0.2.1"), (250, "2.1.0 Ok")]

    def attempt() -> int:
        code, said = answers.pop(0)
        waiting.must_not_be_too_fast(code, said)
        return code

    assert waiting.patiently(attempt, every=0.01) == 250


def test_patience_ends() -> None:
    with pytest.raises(waiting.TooFast, match="too many"):
        waiting.patiently(lambda: waiting.must_not_be_too_fast(421, "too many connections"), within=0.03, every=0.01)


def test_a_refusal_is_not_taken_for_haste() -> None:
    waiting.must_not_be_too_fast(554, "5.7.1 Relay access denied")
    waiting.must_not_be_too_fast(452, "4.2.2 Mailbox is full")


# As a server with opendkim, opendmarc and policyd-spf wrote it.
HEADERS = b"""\
Authentication-Results: mx.outside.example; dmarc=pass (p=reject dis=none) header.from=example.org
Authentication-Results: mx.outside.example;
\tdkim=pass (2048-bit key; unprotected) header.d=example.org header.s=relevo; dkim-atps=neutral
Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.168.100.12; helo=mail.example.org

text dkim=fail
"""


@pytest.mark.parametrize("method", ["dkim", "spf", "dmarc"])
def test_what_the_other_server_found(method: str) -> None:
    assert authentication.verdicts(HEADERS, method) == ["pass"]
    assert authentication.verdicts(HEADERS.replace(b"pass", b"fail").replace(b"Pass", b"Fail"), method) == ["fail"]
    assert authentication.verdicts(b"Subject: x\n\ntext", method) == []


def test_what_was_done_to_a_node_is_undone(world):
    node = next(iter(world.nodes.values()))
    node.unplug()
    node.pause()
    node.restore()
    node.restore()
    assert node.platform.asked == [f"{node.name}: {what}" for what in ("UNPLUG", "PAUSE", "GO ON", "PLUG IN")]

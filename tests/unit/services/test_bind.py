from __future__ import annotations

import socket
import struct
import threading
from base64 import b64decode
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Interface

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import SecretStr

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.pki import dkim_public_key
from relevo.records.facts import facts
from relevo.records.mail import PublicKey, published
from relevo.records.record import quoted
from relevo.records.zone import mailbox_name, serial_of, with_serial
from relevo.services.bind import health
from relevo.services.bind.records import reverse_zones, zone_records
from relevo.services.bind.render import name_servers, render, zone_names
from relevo.services.bind.zone import first_key_zone, relative
from tests.unit.services.golden import GOLDEN, check_golden

NOW = 1_795_000_000
KEY = (GOLDEN / "bind" / "dkim-key.pem").read_text()


@pytest.fixture
def ctx(context, secrets):
    with_key = secrets.model_copy(update={"dkim_key": SecretStr(KEY)})
    return lambda node: replace(context(node), secrets=with_key)


def altered(cluster, section, **values):
    return cluster.model_copy(update={section: getattr(cluster, section).model_copy(update=values)})


def published_records(cluster, domain, keys=()):
    return published(facts(cluster, outside=True), domain, keys)


def only(records, name, kind):
    return [record.data for record in records if (record.name, record.type) == (name, kind)]


@pytest.mark.parametrize("node", ["mail01", "mail02", "storage01"])
def test_golden(ctx, node):
    check_golden("bind", ctx(node))


def test_only_the_transfer_key_is_secret_and_only_bind_reads_it(ctx):
    secret = [file for file in render(ctx("mail01")) if file.secret]
    assert [(file.path, file.mode, file.group) for file in secret] == [("/etc/bind/relevo-transfer.key", 0o640, "bind")]


def test_without_managed_dns_bind_resolves_and_serves_no_zone(ctx, cluster):
    bare = replace(ctx("storage01"), cluster=altered(cluster, "dns", manage=False))
    files = {file.path: file.data.decode() for file in render(bare)}
    assert not [path for path in files if "/zones/" in path]
    assert "zone " not in files["/etc/bind/named.conf"]
    assert "include" not in files["/etc/bind/named.conf"]
    assert zone_names(bare.cluster) == ()


def test_forwarders_and_validation_come_from_the_cluster_file(ctx, cluster):
    closed = altered(cluster, "dns", forwarders=(IPv4Address("192.168.100.1"),), dnssec_validation=False)
    files = {file.path: file.data.decode() for file in render(replace(ctx("mail01"), cluster=closed))}
    text = files["/etc/bind/named.conf"]
    assert "forwarders { 192.168.100.1; };" in text
    assert "dnssec-validation no;" in text


def test_a_node_asks_itself_then_the_storage_machine(cluster):
    assert name_servers(cluster, cluster.nodes["mail02"]) == ("127.0.0.1", "192.168.100.10", "192.168.100.11")
    assert name_servers(cluster, cluster.nodes["storage01"]) == ("127.0.0.1", "192.168.100.11", "192.168.100.12")


def test_the_first_key_is_published_in_a_zone_of_its_own_below_the_first_domains(ctx, cluster):
    text = first_key_zone(cluster, dkim_public_key(KEY))
    record = next(line for line in text.splitlines() if line.startswith("relevo IN TXT "))
    public = "".join(record.split('"')[1::2]).removeprefix("v=DKIM1; k=rsa; p=")
    assert load_der_public_key(b64decode(public)).key_size == 2048
    assert "$ORIGIN _domainkey.chocolatesparati.com.bo." in text
    handed_over = only(zone_records(cluster), "_domainkey.chocolatesparati.com.bo", "NS")
    assert set(handed_over) == {f"{name}.chocolatesparati.com.bo." for name in ("storage01", "mail01", "mail02")}
    assert not [record for record in zone_records(cluster) if "p=MII" in record.data]


def test_a_key_is_published_as_the_text_that_verifiers_read(cluster):
    (text,) = only(
        published_records(cluster, "otro.example", [PublicKey("s1", "MIIB")]), "s1._domainkey.otro.example", "TXT"
    )
    assert text == "v=DKIM1; k=rsa; p=MIIB"


def test_long_texts_are_split_and_lose_nothing():
    text = "x" * 255 + "y" * 255 + "z"
    assert quoted(text) == f'"{"x" * 255}" "{"y" * 255}" "z"'
    assert quoted('a"b\\') == '"a\\"b\\\\"'


def test_inside_the_host_is_the_virtual_ip_and_outside_the_public_address(cluster):
    public = altered(cluster, "dns", public_address=IPv4Address("200.87.1.9"), spf_extra=("include:spf.example.net",))
    inside, outside = zone_records(public), published_records(public, public.domain)
    assert only(inside, public.hostname, "A") == ["192.168.100.100"]
    assert only(outside, public.hostname, "A") == ["200.87.1.9"]
    assert only(inside, public.domain, "TXT") == [
        "v=spf1 mx ip4:192.168.100.11 ip4:192.168.100.12 ip4:200.87.1.9 include:spf.example.net -all"
    ]
    assert only(outside, public.domain, "TXT") == ["v=spf1 mx ip4:200.87.1.9 include:spf.example.net -all"]
    assert only(outside, public.hostname, "TXT") == ["v=spf1 a ip4:200.87.1.9 include:spf.example.net -all"]
    assert only(outside, "9.1.87.200.in-addr.arpa", "PTR") == ["mail.chocolatesparati.com.bo."]


def test_a_domain_added_later_points_to_the_same_host_without_describing_it(ctx, cluster):
    records = published_records(cluster, "otro.example")
    assert only(records, "otro.example", "MX") == ["10 mail.chocolatesparati.com.bo."]
    assert only(records, "_dmarc.otro.example", "TXT") == ["v=DMARC1; p=reject; rua=mailto:postmaster@otro.example"]
    assert not [record for record in records if record.type in {"A", "PTR"}]


def test_a_host_outside_of_the_zone_has_no_address_in_it(ctx, cluster):
    foreign = altered(cluster, "cluster", hostname="correo.example.net")
    records = zone_records(foreign)
    assert only(records, "correo.example.net", "A") == []
    assert only(records, foreign.domain, "MX") == ["10 correo.example.net."]


def test_a_host_named_like_the_domain_has_one_spf_record(ctx, cluster):
    same = altered(cluster, "cluster", hostname=cluster.domain)
    assert len(only(zone_records(same), cluster.domain, "TXT")) == 1


def test_a_subnet_over_several_24s_has_a_reverse_zone_for_each_that_is_used(cluster):
    wide = altered(cluster, "network", subnet=IPv4Network("192.168.96.0/21"), vip=IPv4Address("192.168.101.7"))
    zones = reverse_zones(wide)
    assert set(zones) == {"100.168.192.in-addr.arpa", "101.168.192.in-addr.arpa"}
    assert zones["101.168.192.in-addr.arpa"][0].data == "mail.chocolatesparati.com.bo."


def test_the_reverse_zone_of_a_small_public_subnet_is_the_providers(cluster):
    assert reverse_zones(altered(cluster, "network", subnet=IPv4Network("200.87.1.0/28"))) == {}


def test_a_virtual_ip_of_ipv6_is_named_inside_and_outside_only_when_the_world_can_reach_it(ctx, cluster):
    for vip6, outside in (("fd00:100::100/64", []), ("2a00:1450::25/60", ["2a00:1450::25"])):
        made = altered(cluster, "network", vip6=IPv6Interface(vip6))
        inside, world = zone_records(made), published_records(made, made.domain)
        address = vip6.partition("/")[0]
        assert only(inside, made.hostname, "AAAA") == [address]
        assert f" ip6:{address} -all" in only(inside, made.domain, "TXT")[0]
        assert only(world, made.hostname, "AAAA") == outside
        assert ("ip6:" in only(world, made.domain, "TXT")[0]) is bool(outside)
        assert len([record for record in world if record.name.endswith(".ip6.arpa")]) == len(outside)
    assert only(inside, cluster.hostname, "A") == [cluster.vip]


@pytest.mark.parametrize(("vip6", "zone"), [
    ("fd00:100::100/64", "0.0.0.0.0.0.0.0.0.0.1.0.0.0.d.f.ip6.arpa"),
    ("2a00:1450::25/62", "0.0.0.0.0.0.0.0.0.5.4.1.0.0.a.2.ip6.arpa"),  # the part of it that holds the address
    ("2a00:1450::25/60", "0.0.0.0.0.0.0.0.5.4.1.0.0.a.2.ip6.arpa"),
])
def test_the_network_of_ipv6_has_a_reverse_zone(cluster, vip6: str, zone: str):
    made = altered(cluster, "network", vip6=IPv6Interface(vip6))
    assert set(reverse_zones(made)) == {"100.168.192.in-addr.arpa", zone}
    (pointer,) = reverse_zones(made)[zone]
    assert pointer.name.endswith(f".{zone}")
    assert pointer.data == "mail.chocolatesparati.com.bo."


ZONE = "$TTL 300\n@ IN SOA a. b. (\n    0 ; serial\n    300 ; refresh\n)\n@ IN A 192.0.2.1\n"


def test_a_zone_that_did_not_change_keeps_its_serial():
    installed = with_serial(ZONE, None, NOW)
    assert serial_of(installed) == NOW
    assert with_serial(ZONE, installed, NOW + 500) == installed


@pytest.mark.parametrize(("later", "expected"), [(60, NOW + 60), (0, NOW + 1), (-86400, NOW + 1)])
def test_a_changed_zone_gets_a_higher_serial_even_when_the_clock_went_back(later, expected):
    installed = with_serial(ZONE, None, NOW)
    changed = with_serial(ZONE.replace("192.0.2.1", "192.0.2.2"), installed, NOW + later)
    assert serial_of(changed) == expected
    assert "192.0.2.2" in changed


def test_a_file_that_is_not_ours_is_replaced():
    assert serial_of(with_serial(ZONE, "something else", NOW)) == NOW


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [("example.org", "example.org", "@"), ("mail.example.org", "example.org", "mail"),
     ("myexample.org", "example.org", "myexample.org."), ("mail.example.net", "example.org", "mail.example.net.")],
)
def test_names_inside_a_zone(name, zone, expected):
    assert relative(name, zone) == expected


def test_the_contact_in_soa_has_its_dots_escaped():
    assert mailbox_name("post.master@example.org") == "post\\.master.example.org."


@pytest.fixture
def name_server():
    """A UDP socket that answers one question: first with somebody else's answer, then with ours."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    questions: list[bytes] = []

    def serve():
        question, client = server.recvfrom(512)
        questions.append(question)
        server.sendto(bytes(byte ^ 1 for byte in question[:2]) + question[2:], client)
        server.sendto(question[:2] + struct.pack("!5H", 0x8580, 1, 1, 0, 0) + question[12:], client)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname(), questions
    thread.join(5)
    server.close()


def test_a_question_over_udp(name_server):
    address, questions = name_server
    assert health.ask("mail.example.org", health.A, address, Deadline(5)) == health.Answer(0, 1, authoritative=True)
    assert questions[0][12:] == b"\x04mail\x07example\x03org\x00\x00\x01\x00\x01"


def test_a_server_failure_fails_the_probe_and_an_unknown_name_does_not():
    assert health.judge("mail.example.org", health.Answer(0, 1, authoritative=True)) == "answers"
    assert "knows no" in health.judge("mail.example.org", health.Answer(3, 0, authoritative=True))
    with pytest.raises(ProbeFailed, match="code 2"):
        health.judge("mail.example.org", health.Answer(2, 0, authoritative=False))


def test_a_dead_name_server_does_not_cost_the_virtual_ip():
    (probe,) = health.probes({"hostname": "mail.example.org"})
    assert (probe.vital, probe.unit) == (False, "named.service")

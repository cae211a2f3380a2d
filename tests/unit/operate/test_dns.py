from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from relevo.operate.dns import check, unreachable_address, wanted
from relevo.records.mail import PublicKey
from relevo.records.record import Record, zone_line
from relevo.records.verdict import Verdict, judge

SPF = Record("example.org", "TXT", "v=spf1 mx ip4:192.0.2.1 -all")
DKIM = Record("relevo._domainkey.example.org", "TXT", "v=DKIM1; k=rsa; p=MIIBKEY")
DMARC = Record("_dmarc.example.org", "TXT", "v=DMARC1; p=reject; rua=mailto:postmaster@example.org")
MX = Record("example.org", "MX", "10 mail.example.org.")
A = Record("mail.example.org", "A", "192.0.2.1")
SRV = Record("_imaps._tcp.example.org", "SRV", "0 1 993 mail.example.org.")
PTR = Record("1.2.0.192.in-addr.arpa", "PTR", "mail.example.org.")


@pytest.mark.parametrize(
    ("record", "answers", "verdict"),
    [
        (A, ["192.0.2.1"], Verdict.RIGHT),
        (A, ["192.0.2.9"], Verdict.WRONG),
        (A, ["192.0.2.1", "192.0.2.9"], Verdict.WRONG),
        (A, [], Verdict.MISSING),
        (MX, ["10 MAIL.example.org."], Verdict.RIGHT),
        (MX, ["10 mail.example.org.", "20 old.example.net."], Verdict.WRONG),
        (SPF, ["v=spf1 ip4:192.0.2.1 mx include:news.example.net -all", "google-site-verification=x"], Verdict.RIGHT),
        (SPF, ["v=spf1 mx -all"], Verdict.WRONG),
        (SPF, ["v=spf1 mx ip4:192.0.2.1 -all", "v=spf1 -all"], Verdict.WRONG),
        (SPF, ["google-site-verification=x"], Verdict.MISSING),
        (DKIM, ["v=DKIM1; k=rsa; p=MIIB KEY"], Verdict.RIGHT),
        (DKIM, ["k=rsa; p=MIIBKEY"], Verdict.RIGHT),
        (DKIM, ["v=DKIM1; k=rsa; p=OTHER"], Verdict.WRONG),
        (DMARC, ["v=DMARC1;p=reject;rua=mailto:else@example.org"], Verdict.RIGHT),
        (DMARC, ["v=DMARC1; p=none"], Verdict.WRONG),
        (DMARC, ["v=spf1 -all"], Verdict.MISSING),
        (SRV, ["0 1 993 mail.example.org.", "10 1 993 old.example.org."], Verdict.RIGHT),
        (PTR, ["mail.example.org"], Verdict.RIGHT),
        (PTR, ["host-1.provider.example."], Verdict.WRONG),
    ],
)
def test_verdicts(record, answers, verdict):
    assert judge(record, answers).verdict is verdict


def test_missing_conveniences_do_not_matter_and_missing_mail_records_do():
    assert not judge(SRV, []).matters
    assert judge(MX, []).matters
    assert not judge(MX, ["10 mail.example.org."]).matters


def test_a_zone_that_says_what_is_wanted_is_right_throughout(cluster):
    keys = {"chocolatesparati.com.bo": [PublicKey("relevo", "MIIB")], "otro.example": [PublicKey("s1", "MIIC")]}
    records = wanted(cluster, keys)
    table: dict[tuple[str, str], list[str]] = {}
    for record in records:
        table.setdefault((record.name, record.type), []).append(record.data)
    findings = check(records, lambda name, kind: table.get((name, kind), []))
    assert {finding.verdict for finding in findings} == {Verdict.RIGHT}
    assert {finding.verdict for finding in check(records, lambda *_: [])} == {Verdict.MISSING}


def test_a_zone_line_can_be_pasted():
    assert zone_line(MX, 300) == "example.org. 300 IN MX 10 mail.example.org."
    assert zone_line(SPF, 60) == 'example.org. 60 IN TXT "v=spf1 mx ip4:192.0.2.1 -all"'


def test_a_private_address_is_remarked(cluster):
    assert unreachable_address(cluster) == "192.168.100.100"
    dns = cluster.dns.model_copy(update={"public_address": IPv4Address("200.87.1.9")})
    assert unreachable_address(cluster.model_copy(update={"dns": dns})) is None

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from relevo.cluster.pki import (
    SERVER_DAYS,
    certificate_problems,
    covers,
    days_left,
    make_dkim_key,
    make_internal_ca,
    make_server_certificate,
)

HOST = "mail.example.org"


@pytest.fixture(scope="module")
def ca() -> tuple[str, str]:
    return make_internal_ca("example")


@pytest.fixture(scope="module")
def server(ca: tuple[str, str]) -> tuple[str, str]:
    return make_server_certificate(*ca, names=(HOST, "mail01.example.org"), addresses=(IPv4Address("192.0.2.1"),))


def test_the_server_certificate_is_signed_by_the_ca(ca, server):
    issuer = x509.load_pem_x509_certificate(ca[1].encode())
    leaf = x509.load_pem_x509_certificate(server[1].encode())
    leaf.verify_directly_issued_by(issuer)
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [HOST, "mail01.example.org"]
    assert names.get_values_for_type(x509.IPAddress) == [IPv4Address("192.0.2.1")]


def test_our_own_certificate_has_no_problems(server):
    key, certificate = server
    assert certificate_problems(certificate, key, HOST) == ()


def test_intermediate_certificates_may_follow(ca, server):
    key, certificate = server
    assert certificate_problems(certificate + ca[1], key, HOST) == ()


def test_a_chain_that_begins_with_the_ca_is_refused(ca, server):
    key, certificate = server
    problems = certificate_problems(ca[1] + certificate, key, HOST)
    assert len(problems) == 2
    assert "must be the first in its file" in problems[0]
    assert "no host name" in problems[1]


def test_another_ones_key_is_refused(ca, server):
    other, _ = make_server_certificate(*ca, names=(HOST,), addresses=())
    (problem,) = certificate_problems(server[1], other, HOST)
    assert "don't belong together" in problem


def test_a_certificate_for_another_host_is_refused(server):
    (problem,) = certificate_problems(server[1], server[0], "correo.example.org")
    assert "mail.example.org, mail01.example.org, not for correo.example.org" in problem


@pytest.mark.parametrize(("days", "words"), [(SERVER_DAYS + 1, "expired on"), (-2, "valid only from")])
def test_the_time_must_be_right(server, days, words):
    (problem,) = certificate_problems(server[1], server[0], HOST, now=datetime.now(UTC) + timedelta(days=days))
    assert words in problem


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_said(server, text):
    (problem,) = certificate_problems(text, server[0], HOST)
    assert "can't be read" in problem


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_said(server, text):
    (problem,) = certificate_problems(server[1], text, HOST)
    assert "key can't be read" in problem


def test_a_key_with_a_password_is_refused(server):
    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
    ).decode()
    (problem,) = certificate_problems(server[1], locked, HOST)
    assert "password" in problem


def test_a_short_rsa_key_is_refused():
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - short on purpose
    name = x509.Name([])
    start = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    (problem,) = certificate_problems(certificate, pem, HOST)
    assert "1024 bits" in problem


@pytest.mark.parametrize(
    ("names", "host", "verdict"),
    [
        ([HOST], HOST, True),
        (["MAIL.Example.org"], HOST, True),
        (["*.example.org"], HOST, True),
        (["*.example.org"], "a.mail.example.org", False),
        (["*.org"], HOST, False),
        (["example.org"], HOST, False),
        ([], HOST, False),
    ],
)
def test_names_cover_hosts_as_clients_see_it(names, host, verdict):
    assert covers(names, host) is verdict


def test_days_left(server):
    assert days_left(server[1]) == SERVER_DAYS - 1
    assert days_left(server[1], now=datetime.now(UTC) + timedelta(days=SERVER_DAYS + 3)) < 0
    with pytest.raises(ValueError, match="PEM"):
        days_left("nonsense")


def test_the_dkim_key_has_2048_bits():
    key = serialization.load_pem_private_key(make_dkim_key().encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048

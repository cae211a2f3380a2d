from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.model import CertificatesSection
from relevo.cluster.pki import make_internal_ca
from relevo.cluster.wires import TLS_CERTIFICATE, TLS_KEY
from relevo.services.base import Context
from relevo.services.certificates.health import expires_at, probes
from relevo.services.certificates.render import render
from tests.unit.services.golden import check_golden


@pytest.mark.parametrize("node", ["mail01", "storage01"])
def test_files(context, node):
    check_golden("certificates", context(node))


def test_only_the_key_is_secret_and_its_group_may_read_it(context):
    (key,) = [file for file in render(context("mail01")) if file.secret]
    assert (key.path, key.group, key.mode) == (TLS_KEY, "ssl-cert", 0o640)


def test_with_the_operators_files_no_ca_is_placed(context):
    ctx = context("mail01")
    files = CertificatesSection(source="files", certificate="chain.pem", key="key.pem")
    cluster = ctx.cluster.model_copy(update={"certificates": files})
    paths = [file.path for file in render(Context(cluster, ctx.secrets, ctx.node, ctx.facts))]
    assert paths == [TLS_KEY, TLS_CERTIFICATE]


def _certificate(end: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    return (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(end).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    )


@pytest.mark.parametrize("end", [datetime(2031, 7, 8, 9, tzinfo=UTC), datetime(2055, 1, 2, 3, tzinfo=UTC)])
def test_the_end_is_read_in_both_forms_of_time(end):
    text = _certificate(end) + make_internal_ca("x")[1]
    assert expires_at(text) == end.timestamp()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
             "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"],
)
def test_what_is_no_certificate_is_said(text):
    with pytest.raises(ProbeFailed, match="no certificate"):
        expires_at(text)


@pytest.mark.parametrize(("days", "said"), [(3, "expires in 3 days"), (-2, "expired 2 days ago")])
def test_the_probe_fails_near_the_end(tmp_path, days, said):
    path = tmp_path / "certificate.pem"
    path.write_text(_certificate(datetime.now(UTC) + timedelta(days=days, minutes=1)))
    (probe,) = probes({"tls_certificate": str(path)})
    with pytest.raises(ProbeFailed, match=said):
        probe.check(Deadline(1))
    assert not probe.vital


def test_the_probe_tells_the_days_left(tmp_path):
    path = tmp_path / "certificate.pem"
    path.write_text(_certificate(datetime.now(UTC) + timedelta(days=100)))
    (probe,) = probes({"tls_certificate": str(path)})
    assert probe.check(Deadline(1)) == "100 days left"

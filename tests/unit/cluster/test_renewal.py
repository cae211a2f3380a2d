from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from relevo.cluster import secrets as secrets_file
from relevo.cluster.model import CertificatesSection, Cluster
from relevo.cluster.pki import SERVER_DAYS, certificate_problems, make_server_certificate, names_of
from relevo.cluster.renewal import RENEW_DAYS, renewal
from relevo.cluster.secrets import server_names

NOW = datetime.now(UTC)


def test_a_good_certificate_stays(cluster: Cluster):
    assert renewal(secrets_file.generate(cluster), cluster) is None


def test_one_that_ends_soon_is_made_anew_by_the_same_authority(cluster: Cluster):
    made = secrets_file.generate(cluster)
    assert renewal(made, cluster, now=NOW + timedelta(days=SERVER_DAYS - RENEW_DAYS - 1)) is None
    due = renewal(made, cluster, now=NOW + timedelta(days=SERVER_DAYS - RENEW_DAYS + 1))
    assert due
    assert "days" in due.why
    assert due.secrets.reveal("ca_certificate") == made.reveal("ca_certificate")
    assert due.secrets.reveal("tls_certificate") != made.reveal("tls_certificate")
    key, certificate = due.secrets.reveal("tls_key"), due.secrets.reveal("tls_certificate")
    assert certificate_problems(certificate, key, cluster.hostname) == ()
    assert due.secrets.reveal("dkim_key") == made.reveal("dkim_key")


def test_one_that_has_ended_is_made_anew_too(cluster: Cluster):
    due = renewal(secrets_file.generate(cluster), cluster, now=NOW + timedelta(days=SERVER_DAYS + 1))
    assert due
    assert "expired" in due.why


def test_one_from_before_a_new_name_is_made_anew(cluster: Cluster):
    made = secrets_file.generate(cluster)
    ca = made.reveal("ca_key"), made.reveal("ca_certificate")
    key, certificate = make_server_certificate(*ca, names=(cluster.hostname,), addresses=())
    old = made.model_copy(update={"tls_key": SecretStr(key), "tls_certificate": SecretStr(certificate)})
    due = renewal(old, cluster)
    assert due
    assert f"autoconfig.{cluster.domain}" in due.why
    assert names_of(due.secrets.reveal("tls_certificate")) == server_names(cluster)


def test_the_operators_certificate_is_left_alone(cluster: Cluster):
    section = CertificatesSection(source="files", certificate="own.pem", key="own.key")
    files = cluster.model_copy(update={"certificates": section})
    assert renewal(secrets_file.generate(cluster), files, now=NOW + timedelta(days=SERVER_DAYS)) is None


def test_without_the_authoritys_key_nothing_is_made(cluster: Cluster):
    node = secrets_file.generate(cluster).for_nodes()
    assert renewal(node, cluster, now=NOW + timedelta(days=SERVER_DAYS)) is None

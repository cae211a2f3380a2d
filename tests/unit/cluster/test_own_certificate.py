from __future__ import annotations

from pathlib import Path

import pytest

from relevo.cluster import secrets as secrets_file
from relevo.cluster.model import CertificatesSection, Cluster
from relevo.cluster.own_certificate import with_certificate
from relevo.cluster.pki import make_internal_ca, make_server_certificate
from relevo.cluster.secrets import Secrets
from relevo.errors import ConfigurationError


@pytest.fixture(scope="module")
def made(cluster: Cluster) -> Secrets:
    return secrets_file.generate(cluster)


def asking_for_files(cluster: Cluster) -> Cluster:
    section = CertificatesSection(source="files", certificate="own.pem", key="own.key")
    return cluster.model_copy(update={"certificates": section})


def write_pair(folder: Path, name: str) -> tuple[str, str]:
    ca_key, ca_certificate = make_internal_ca("somebody")
    key, certificate = make_server_certificate(ca_key, ca_certificate, names=(name,), addresses=())
    (folder / "own.pem").write_text(certificate)
    (folder / "own.key").write_text(key)
    return key, certificate


def test_an_internal_certificate_stays(made: Secrets, cluster: Cluster, tmp_path: Path):
    assert with_certificate(made, cluster, tmp_path) is made


def test_the_operators_files_take_its_place(made: Secrets, cluster: Cluster, tmp_path: Path):
    key, certificate = write_pair(tmp_path, cluster.hostname)
    own = with_certificate(made, asking_for_files(cluster), tmp_path)
    assert (own.reveal("tls_key"), own.reveal("tls_certificate")) == (key, certificate)


def test_a_certificate_for_another_name_is_refused(made: Secrets, cluster: Cluster, tmp_path: Path):
    write_pair(tmp_path, "mail.other.org")
    with pytest.raises(ConfigurationError, match=cluster.hostname):
        with_certificate(made, asking_for_files(cluster), tmp_path)


def test_a_missing_file_is_named(made: Secrets, cluster: Cluster, tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"certificates\.certificate: .*own\.pem"):
        with_certificate(made, asking_for_files(cluster), tmp_path)

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from relevo.cluster import secrets as secrets_file
from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.errors import ConfigurationError


@pytest.fixture(scope="module")
def made(cluster_for_secrets: Cluster) -> Secrets:
    return secrets_file.generate(cluster_for_secrets)


@pytest.fixture(scope="module")
def cluster_for_secrets(cluster: Cluster) -> Cluster:
    return cluster


def test_no_value_shows_in_text_or_repr(made: Secrets):
    shown = f"{made} {made!r}"
    for name in Secrets.model_fields:
        if value := made.reveal(name):  # without ways of their own nobody is told
            assert value not in shown


def test_what_is_written_is_read_back_and_is_private(made: Secrets, tmp_path: Path):
    path = tmp_path / "relevo-secrets.toml"
    secrets_file.write(made, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secrets_file.read(path) == made


def test_a_file_that_others_can_read_is_refused(made: Secrets, tmp_path: Path):
    path = tmp_path / "relevo-secrets.toml"
    secrets_file.write(made, path)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        secrets_file.read(path)


def test_a_damaged_file_names_the_entries_and_no_value(made: Secrets):
    text = secrets_file.to_toml(made).replace("tsig_key", "tsig_kee")
    with pytest.raises(ConfigurationError) as caught:
        secrets_file.parse(text, "relevo-secrets.toml")
    assert "tsig_key" in str(caught.value)
    assert made.reveal("tsig_key") not in str(caught.value)


def test_nodes_never_get_the_key_of_the_ca(made: Secrets):
    assert made.for_nodes().reveal("ca_key") == ""
    assert made.for_nodes().reveal("tls_key") == made.reveal("tls_key")


def test_a_file_from_before_the_web_gets_the_same_password_everywhere(made: Secrets):
    text = "\n".join(line for line in secrets_file.to_toml(made).splitlines() if not line.startswith("database_web"))
    first, second = secrets_file.parse(text, "x"), secrets_file.parse(text, "x")
    assert first.reveal("database_web") == second.reveal("database_web") != ""
    assert first.reveal("database_web") not in text
    assert first.reveal("tls_key") == made.reveal("tls_key")


def test_a_file_from_before_dkim_keys_were_in_the_database_gets_the_same_secrets_everywhere(made: Secrets):
    later = ("database_dkim", "dkim_box_key")
    text = "\n".join(line for line in secrets_file.to_toml(made).splitlines() if not line.startswith(later))
    one, other = secrets_file.parse(text, "x"), secrets_file.parse(text, "x")
    drawn = {one.reveal(name) for name in later}
    assert drawn == {other.reveal(name) for name in later}
    assert len(drawn) == 2
    assert not drawn & {made.reveal(name) for name in Secrets.model_fields}

from __future__ import annotations

from relevo.cluster import secrets as secrets_file
from relevo.cluster.model import Cluster
from relevo.deploy.mask import HIDDEN, Mask


def test_every_secret_and_every_line_of_a_key_is_hidden(cluster: Cluster):
    secrets = secrets_file.generate(cluster)
    text = f"password = {secrets.reveal('database_admin')}\n{secrets.reveal('tls_key')}"
    hidden = Mask(secrets)(text)
    assert secrets.reveal("database_admin") not in hidden
    assert not any(line in hidden for line in secrets.reveal("tls_key").splitlines()[1:-1])
    assert HIDDEN in hidden


def test_ordinary_text_stays(cluster: Cluster):
    assert Mask(secrets_file.generate(cluster))("myhostname = mail.example.org") == "myhostname = mail.example.org"

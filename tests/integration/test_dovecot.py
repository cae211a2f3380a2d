"""Dovecot 2.3 with its database, on a disk of Debian 12 that is not booted: what clients and Postfix get from it.

The same of Dovecot 2.4 is what the drills see in the lab.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from tests.integration.machine import machine

from relevo.cluster import secrets, wires
from relevo.cluster.model import Cluster
from relevo.lab import image
from relevo.lab.packages import SUITES, image_packages
from relevo.lab.workspace import default_folder
from relevo.services.base import Context, NodeFacts
from relevo.services.mariadb import own_certificate

pytestmark = pytest.mark.integration

SUITE = "bookworm"
PASSWORD = "Secret-1"
APP_PASSWORD = "kq4m-7xw2-9hfd"  # of one of ana's programs, for IMAP
MIB = 1
# Tables in the place of the views, with what the views have.
_START = """\
install -d -o mysql /run/mysqld
install -d -o vmail -g vmail /run/relevo-mail /srv/mail /srv/mail/mailboxes
mariadb-install-db --user=mysql >/dev/null 2>&1
install -d {certificates}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=MariaDB \
  -keyout {certificates}/key.pem -out {certificates}/certificate.pem 2>/dev/null
chown mysql {certificates}/key.pem
mariadbd --user=mysql --wsrep-on=OFF --wsrep-provider=none >/dev/null 2>&1 &
timeout 60 sh -c "until mariadb -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done"
hash=$(doveadm pw -s ARGON2ID -p "$2")
single=$(doveadm pw -s SSHA512 -p "$3")
mariadb <<END
CREATE DATABASE {schema}; USE {schema};
CREATE TABLE {view} (address VARCHAR(255), password VARCHAR(255), quota_mb INT);
INSERT INTO {view} VALUES ('ana@$1', '$hash', 0), ('luis@$1', '$hash', {quota}), ('eva@$1', '$hash', 5);
CREATE TABLE {apps} (address VARCHAR(255), protocol VARCHAR(9), handle CHAR(16), password VARCHAR(255), number INT);
INSERT INTO {apps} VALUES ('ana@$1', 'imap', '$4', '$single', 7);
CREATE USER {user}@localhost IDENTIFIED BY '{password}';
GRANT SELECT ON {schema}.{view} TO {user}@localhost;
GRANT SELECT ON {schema}.{apps} TO {user}@localhost;
END
sievec {sieve}
dovecot
timeout 60 sh -c "until doveadm user 'ana@$1' >/dev/null 2>&1; do sleep 0.2; done"
exec python3 /root/dialogue.py "$1" "$2" "$3"
"""


def _handle(plain: str, address: str) -> str:
    """Return what the rows of app passwords are found by; `directory/app_passwords.py` makes them so."""
    digest = plain.encode()
    for _ in range(1000):
        digest = hashlib.sha256(address.encode() + digest).digest()
    return digest.hex()[:16]


@pytest.fixture(scope="module")
def seen() -> Iterator[dict[str, object]]:
    """Return what the dialogue saw."""
    cluster = Cluster.model_validate(tomllib.loads(files("relevo.cluster").joinpath("example.toml").read_text()))
    hidden = secrets.generate(cluster)
    script = _START.format(
        schema=wires.DATABASE, view=wires.VIEW_MAILBOXES, apps=wires.VIEW_APP_PASSWORDS, user=wires.DATABASE_DOVECOT,
        quota=MIB, password=hidden.reveal("database_dovecot"), sieve="/etc/dovecot/sieve/spam-to-junk.sieve",
        certificates=own_certificate.FOLDER,
    )
    folder = Path(default_folder())
    folder.mkdir(exist_ok=True)
    base = image.ensure_image(image_packages(cluster, SUITE), print, SUITE)
    with machine(base, Path(tempfile.mkdtemp(prefix="dovecot-", dir=folder))) as disk:
        facts = NodeFacts(SUITES[SUITE], interface="eth0", memory_mb=4096, cpus=2)
        disk.lay_down(Context(cluster, hidden, cluster.nodes["mail01"], facts))
        shutil.copy(Path(__file__).with_name("dovecot_dialogue.py"), disk.root / "root/dialogue.py")
        (disk.root / "root/start.sh").write_text(script, encoding="utf-8")
        words = [cluster.domain, PASSWORD, APP_PASSWORD, _handle(APP_PASSWORD, f"ana@{cluster.domain}")]
        done = disk.run(["sh", "-eu", "/root/start.sh", *words], within=300)
        assert done.returncode == 0, done.stderr or done.stdout
        yield json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("folders", ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"]),
        ("pop3", "+OK Logged in."),
        ("delivered", "250"),
        ("with extension", "250"),
        ("unknown", "550"),
        ("spam", "250"),
        ("inbox", 1),
        ("junk", 1),
        ("room", "DUNNO"),
        ("too large", "552 5.2.3 Message is larger than the mailbox may be"),
        ("unlimited", "DUNNO"),
        ("first", "250"),
        ("second", "452"),  # it waits in Postfix's queue, nobody is bounced
        ("full", "452 4.2.2 Mailbox is full"),
        ("sieve here", True),
        ("sieve elsewhere", False),
        ("lmtp by the network", True),
        ("connections", 30),
        ("app password", "OK"),
        ("app password from the webmail", "NO"),
        ("app password of another", "NO"),
        ("app password for another protocol", "NO"),
        ("mailbox's own password by the network", "OK"),
    ],
)
def test_clients_find_what_dovecot_2_4_gives_them(seen: dict[str, object], what: str, expected: object) -> None:
    assert seen[what] == expected


def test_a_full_mailbox_says_so_and_one_can_delete_in_it(seen: dict[str, object]) -> None:
    assert str(seen["append to full"]).startswith("NO [OVERQUOTA] Mailbox is full")
    assert str(seen["append to trash"]).startswith("OK")


def test_wrong_passwords_do_not_slow_good_ones(seen: dict[str, object]) -> None:
    assert float(str(seen["seconds"])) < 2

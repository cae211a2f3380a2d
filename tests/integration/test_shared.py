"""Shared mailboxes with a real Dovecot, 2.4 (Debian 13) and 2.3 (Debian 12): what members and outsiders get from it."""

from __future__ import annotations

import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from tests.integration.machine import Machine, machine

from relevo.cluster import secrets, wires
from relevo.cluster.model import Cluster
from relevo.lab import image
from relevo.lab.packages import SUITES, image_packages
from relevo.lab.workspace import default_folder
from relevo.services.base import Context, NodeFacts
from relevo.services.mariadb import own_certificate
from relevo.services.sharing.settings import CONFIG
from relevo.sharing import writing
from relevo.sharing.access import Row, access
from relevo.sharing.settings import read

pytestmark = pytest.mark.integration

PASSWORD = "Secret-1"
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
hash=$(doveadm pw -s SSHA512 -p "$2")
mariadb <<END
CREATE DATABASE {schema}; USE {schema};
CREATE TABLE {view} (address VARCHAR(255), password VARCHAR(255), quota_mb INT);
INSERT INTO {view} VALUES ('ana@$1', '$hash', 1), ('luis@$1', '$hash', 50), ('eva@$1', '$hash', 50),
  ('rosa@$1', '$hash', 50), ('info@$1', '!', 50), ('full@$1', '!', 1);
CREATE TABLE {apps} (address VARCHAR(255), protocol VARCHAR(9), handle CHAR(16), password VARCHAR(255), number INT);
CREATE USER {user}@localhost IDENTIFIED BY '{password}';
GRANT SELECT ON {schema}.* TO {user}@localhost;
END
sievec /etc/dovecot/sieve/spam-to-junk.sieve
sed -i 's,^log_path = .*,log_path = /var/log/dovecot.log,' /etc/dovecot/dovecot.conf
touch /var/log/dovecot.log
chmod 666 /var/log/dovecot.log
chown root:vmail {place}
chmod 750 {place}
dovecot
timeout 60 sh -c "until doveadm user 'ana@$1' >/dev/null 2>&1; do sleep 0.2; done"
for address in info full; do
  printf 'prepare %s@%s\\n' "$address" "$1" | PYTHONPATH=/root/code python3 /root/code/prepare.py
done
exec python3 /root/dialogue.py "$1" "$2" "$3" "$4"
"""
# The verb of `relevo.directory.dovecot` that makes folders, where there is no Relevo.
_PREPARE = """\
import runpy, sys, types
for name in ("relevo", "relevo.cluster", "relevo.cluster.wires", "relevo.deploy", "relevo.deploy.shell"):
    sys.modules[name] = types.ModuleType(name)
import subprocess
sys.modules["relevo.cluster.wires"].FORGET_SOCKET = ""
sys.modules["relevo.deploy.shell"].succeeds = lambda command, within: not subprocess.run(
    command, capture_output=True, timeout=60).returncode
runpy.run_path("/root/code/dovecot.py", run_name="__main__")
"""


def _lay_down_access(disk: Machine, domain: str) -> None:
    """Write what relevo-sharing writes, and beside it what it would write with ana's right gone."""
    own = read(str(disk.root / CONFIG.lstrip("/")))
    rows = [Row(f"info@{domain}", f"{name}@{domain}", level) for name, level in (
        ("ana", "read"), ("luis", "manage"), ("rosa", "write"),
    )]
    rows.append(Row(f"full@{domain}", f"luis@{domain}", "write"))
    place = disk.root / wires.SHARING_DIRECTORY.lstrip("/")
    (place / "after").mkdir(parents=True)
    for folder, wanted in ((place, rows), (place / "after", rows[1:])):
        names = {"rights": "rights", "map": "map", "boxes": "boxes"}
        there = type(own)(**{**vars(own), **{key: str(folder / name) for key, name in names.items()}})
        writing.carry_out(access(wanted, own.prefix, own.mailboxes), there)


@pytest.fixture(scope="module", params=["trixie", "bookworm"])
def seen(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    """Return what the dialogue saw."""
    suite = request.param
    cluster = Cluster.model_validate(tomllib.loads(files("relevo.cluster").joinpath("example.toml").read_text()))
    hidden = secrets.generate(cluster)
    script = _START.format(
        schema=wires.DATABASE, view=wires.VIEW_MAILBOXES, apps=wires.VIEW_APP_PASSWORDS, user=wires.DATABASE_DOVECOT,
        password=hidden.reveal("database_dovecot"), certificates=own_certificate.FOLDER, place=wires.SHARING_DIRECTORY,
    )
    folder = Path(default_folder())
    folder.mkdir(exist_ok=True)
    base = image.ensure_image(image_packages(cluster, suite), print, suite)
    with machine(base, Path(tempfile.mkdtemp(prefix="shared-", dir=folder))) as disk:
        facts = NodeFacts(SUITES[suite], interface="eth0", memory_mb=4096, cpus=2)
        disk.lay_down(Context(cluster, hidden, cluster.nodes["mail01"], facts))
        _lay_down_access(disk, cluster.domain)
        (disk.root / "root/code").mkdir()
        shutil.copy(str(files("relevo.directory").joinpath("dovecot.py")), disk.root / "root/code/dovecot.py")
        (disk.root / "root/code/prepare.py").write_text(_PREPARE, encoding="utf-8")
        shutil.copy(Path(__file__).with_name("shared_dialogue.py"), disk.root / "root/dialogue.py")
        (disk.root / "root/start.sh").write_text(script, encoding="utf-8")
        words = [cluster.domain, PASSWORD, wires.SHARED_PREFIX, wires.SHARING_DIRECTORY]
        done = disk.run(["sh", "-eu", "/root/start.sh", *words], within=400)
        assert done.returncode == 0, done.stderr or done.stdout
        told: dict[str, object] = json.loads(done.stdout.splitlines()[-1].replace(f"@{cluster.domain}", ""))
        yield told


FOLDERS = [f"info{folder}" for folder in ("", "/Archive", "/Drafts", "/Junk", "/Sent", "/Trash")]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("empty", FOLDERS),  # before any mail has come
        ("delivered", "250"),
        ("listed to a reader", FOLDERS),
        ("listed to an outsider", []),
        ("subscribed", FOLDERS),  # Thunderbird shows what is subscribed
        ("roles", []),  # nobody's program takes these for one's own
        ("reader", "read-only"),
        ("manager", "read-write"),
        ("outsider", "NO"),
        ("reader appends", "NO"),
        ("reader copies", "OK"),
        ("outsider appends", "NO"),
        ("writer appends", "OK"),
        ("reader creates", "NO"),
        ("writer creates", "NO"),
        ("manager creates", "OK"),
        ("reader sees it", "read-only"),
        ("own counted", "OK"),
        ("spam counted by an outsider", "NO"),
        ("anybody's counted", "NO"),
        ("gives rights to own", "NO"),
        ("gives rights", "NO"),
        ("big", "OK"),
        ("own mailbox full", ["OK", "NO"]),
        ("filled", "OK"),
        ("delivered to full", "452"),
        ("logs in", False),
        ("withdrawn: before", [*FOLDERS[:1], FOLDERS[1], "info/Clients", *FOLDERS[2:]]),
        ("withdrawn: listed to who is logged in", ["info"]),  # the name, until relevo-sharing ends the session
        ("withdrawn: opened by who is logged in", "NO"),
        ("withdrawn: listed", []),
        ("withdrawn: opened", "NO"),
        ("log", []),
        ("without files", "read-write"),
    ],
)
def test_members_get_what_was_said_and_outsiders_nothing(seen: dict[str, object], what: str, expected: object) -> None:
    assert seen[what] == expected


def test_only_who_may_write_sets_flags(seen: dict[str, object]) -> None:
    assert "Flagged" not in str(seen["reader flags"])
    assert "Flagged" not in str(seen["outsider flags"])
    assert "Flagged" in str(seen["manager flags"])


def test_what_is_put_there_is_not_on_the_members_account(seen: dict[str, object]) -> None:
    assert seen["before"] == seen["after"]


def test_others_keep_it_when_one_is_taken_off(seen: dict[str, object]) -> None:
    assert set(FOLDERS) <= set(seen["withdrawn: others"])  # type: ignore[call-overload]


def test_by_pop3_there_is_the_own_mailbox_alone(seen: dict[str, object]) -> None:
    assert seen["pop3"] == [2]  # the mail that was copied, and the one that filled it

"""The daemons of Debian 12 accept the files that are rendered for it; on disks that are not booted, without a lab."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from ipaddress import IPv6Interface
from pathlib import Path

import pytest
from tests.integration.machine import Machine, machine

from relevo.cluster import secrets, wires
from relevo.cluster.model import Cluster
from relevo.cluster.pki import dkim_public_key
from relevo.lab import image
from relevo.lab.packages import SUITES, image_packages
from relevo.lab.workspace import default_folder
from relevo.records.zone import with_serial
from relevo.services.base import Context, NodeFacts
from relevo.services.bind.zone import first_key_zone
from relevo.services.nginx.settings import DEBIAN_SITE
from relevo.services.roundcube.settings import CONFIG as WEBMAIL

pytestmark = pytest.mark.integration

SUITE = "bookworm"
INTERFACE = "eth0"
MAIL, STORAGE = "mail01", "storage01"
# (node, command, whether anything on stderr is a fault: Postfix ends with 0 whatever it finds)
CHECKS = [
    (MAIL, ["postconf", "-n"], True),
    (MAIL, ["postconf", "-M"], True),
    (MAIL, ["postconf", "-c", "/etc/postfix-adopted", "-n"], True),
    (MAIL, ["postfix", "check"], True),
    (MAIL, ["doveconf", "-n"], False),
    (MAIL, ["sievec", "/etc/dovecot/sieve/spam-to-junk.sieve"], False),
    (MAIL, ["nginx", "-t", "-q"], True),
    (MAIL, ["php-fpm8.2", "--test"], False),
    (MAIL, ["php", "-l", WEBMAIL], False),
    (MAIL, ["keepalived", "-t", "-f", "/etc/keepalived/keepalived.conf"], False),
    (MAIL, ["mariadbd", "--help", "--user=mysql"], False),
    (MAIL, ["amavisd", "showkeys"], False),
    (MAIL, ["spamassassin", "--lint"], False),
    (MAIL, ["clamconf", "--config-dir=/etc/clamav"], True),
    (MAIL, ["nft", "--check", "--file", "/etc/relevo/fence.nft"], True),
    (MAIL, ["nft", "--check", "--file", "/etc/relevo/gate.nft"], True),
    (MAIL, ["nft", "--check", "--file", "/etc/relevo/handover.nft"], True),
    (MAIL, ["iptables-restore", "--test", "--noflush", "/etc/ufw/user.rules"], False),
    (MAIL, ["chronyd", "-p", "-f", "/etc/chrony/chrony.conf"], False),
    (MAIL, ["sshd", "-t"], False),
    (MAIL, ["fail2ban-client", "--test"], False),
    (MAIL, ["named-checkconf", "-z"], False),
    (STORAGE, ["named-checkconf", "-z"], False),
    (STORAGE, ["fail2ban-client", "--test"], False),
    (STORAGE, ["kea-dhcp4", "-t", "/etc/kea/kea-dhcp4.conf"], False),
    (STORAGE, ["promtool", "check", "config", "/etc/prometheus/prometheus.yml"], False),
    (STORAGE, ["promtool", "check", "rules", "/etc/prometheus/relevo.rules.yml"], False),
    (STORAGE, ["amtool", "check-config", "/etc/prometheus/alertmanager.yml"], False),
    (STORAGE, ["bash", "-n", "/etc/default/garb"], True),
]


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    plain = Cluster.model_validate(tomllib.loads(files("relevo.cluster").joinpath("example.toml").read_text()))
    return plain.model_copy(
        update={"network": plain.network.model_copy(update={"vip6": IPv6Interface("fd00:100::100/64")})}
    )


@pytest.fixture(scope="module")
def machines(cluster: Cluster) -> Iterator[Callable[[str], Machine]]:
    """Return a node's disk with its files; the image is built when this computer has none yet."""
    base = image.ensure_image(image_packages(cluster, SUITE), print, SUITE)
    hidden, facts = secrets.generate(cluster), NodeFacts(SUITES[SUITE], interface=INTERFACE, memory_mb=4096, cpus=2)
    folder = Path(default_folder())
    folder.mkdir(exist_ok=True)
    with (
        machine(base, Path(tempfile.mkdtemp(prefix="mail-", dir=folder))) as mail,
        machine(base, Path(tempfile.mkdtemp(prefix="storage-", dir=folder))) as storage,
    ):
        found = {MAIL: mail, STORAGE: storage}
        for name, disk in found.items():
            disk.lay_down(Context(cluster, hidden, cluster.nodes[name], facts))
            _lay_down_the_key_zone(disk, cluster, hidden)
            disk.run(["ssh-keygen", "-A"])
            disk.run(["mkdir", "-p", "/run/sshd", "/run/php"])
            (disk.root / DEBIAN_SITE.lstrip("/")).unlink(missing_ok=True)
        yield lambda name: found[name]


def _lay_down_the_key_zone(disk: Machine, cluster: Cluster, hidden: secrets.Secrets) -> None:
    """Lay down what apply writes only when there is none: from then on it is relevo-dkim's."""
    path = disk.root / wires.DKIM_ZONES.lstrip("/") / wires.dkim_zone(cluster)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(with_serial(first_key_zone(cluster, dkim_public_key(hidden.reveal("dkim_key"))), None, 1))


@pytest.mark.parametrize(("node", "command", "silent"), CHECKS, ids=[f"{n}: {' '.join(c)}" for n, c, _ in CHECKS])
def test_the_daemon_accepts_its_files(
    machines: Callable[[str], Machine], node: str, command: list[str], silent: bool
) -> None:
    done = machines(node).run(command)
    assert done.returncode == 0, done.stderr or done.stdout
    if silent:
        assert done.stderr == ""


@pytest.mark.parametrize("node", [MAIL, STORAGE])
def test_systemd_knows_every_word_of_the_units(machines: Callable[[str], Machine], node: str) -> None:
    units = machines(node).root / "etc/systemd/system"
    ours = [f"/etc/systemd/system/{path.name}" for path in units.glob("relevo-*") if "@" not in path.name]
    theirs = [folder.name.removesuffix(".d") for folder in units.glob("*.d") if not folder.name.startswith("relevo-")]
    done = machines(node).run(["systemd-analyze", "--man=no", "verify", *ours, *theirs])
    faults = [line for line in done.stderr.splitlines() if "Unknown" in line or "Failed to parse" in line]
    assert faults == []

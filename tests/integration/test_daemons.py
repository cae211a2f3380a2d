"""The real daemons accept the files as they were rendered and installed on the lab's machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

MAIL = ("mail01", "mail02")
ALL = (*MAIL, "storage01")
# (machines, what is asked, whether anything on stderr is a fault: Postfix ends with 0 whatever it finds)
CHECKS = [
    (MAIL, ["postconf", "-n"], True),
    (MAIL, ["postconf", "-M"], True),
    (MAIL, ["postfix", "check"], True),
    (MAIL, ["doveconf", "-n"], False),
    (MAIL, ["nginx", "-t", "-q"], True),
    (MAIL, ["sh", "-c", "exec /usr/sbin/php-fpm8.* --test"], False),  # the version is the release's
    (MAIL, ["php", "-l", "/etc/roundcube/config.inc.php"], False),
    (MAIL, ["keepalived", "-t", "-f", "/etc/keepalived/keepalived.conf"], False),
    (ALL, ["named-checkconf", "-z"], False),
    (ALL, ["fail2ban-client", "--test"], False),
    (ALL, ["iptables-restore", "--test", "--noflush", "/etc/ufw/user.rules"], False),
    (("storage01",), ["kea-dhcp4", "-t", "/etc/kea/kea-dhcp4.conf"], False),
    (MAIL, ["amavisd", "showkeys"], False),
    (MAIL, ["spamassassin", "--lint"], False),
]
CASES = [(node, command, silent) for nodes, command, silent in CHECKS for node in nodes]


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


@pytest.mark.parametrize(("node", "command", "silent"), CASES, ids=[f"{n}: {' '.join(c[:2])}" for n, c, _ in CASES])
def test_the_daemon_accepts_its_files(lab: LocalLab, node: str, command: list[str], silent: bool):
    done = lab.run(node, command, within=60)
    assert done.returncode == 0, done.stderr or done.stdout
    if silent:
        assert done.stderr == ""


@pytest.mark.parametrize("node", ALL)
def test_no_unit_has_failed(lab: LocalLab, node: str):
    assert lab.run(node, ["systemctl", "--failed", "--no-legend", "--plain"]).stdout == ""

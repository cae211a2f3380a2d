"""What apt and GlusterFS say, read from captured output."""

from __future__ import annotations

from relevo.operate.maintenance import Upgrade, delivers, unhealed, upgrades_in

APT = """\
Reading package lists...
Building dependency tree...
The following packages will be upgraded:
  libssl3t64 openssl
Inst openssl [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64]) []
Inst libssl3t64 [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
Inst linux-image-6.12.48 (6.12.48-1 Debian:13.1/stable [amd64])
Conf openssl (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
"""
HEAL = """\
Brick 192.168.100.11:/srv/relevo/brick
Status: Connected
Total Number of entries: 7
Number of entries in heal pending: 7
Number of entries in split-brain: 0
Number of entries possibly healing: 0

Brick 192.168.100.12:/srv/relevo/brick
Status: Transport endpoint is not connected
Total Number of entries: -
Number of entries in heal pending: -

Brick 192.168.100.10:/srv/relevo/brick
Status: Connected
Total Number of entries: 0
"""


def test_what_would_be_upgraded_is_told_without_what_would_be_new():
    assert upgrades_in(APT) == (
        Upgrade("openssl", "3.5.1-1", "3.5.1-1+deb13u1"), Upgrade("libssl3t64", "3.5.1-1", "3.5.1-1+deb13u1"),
    )
    assert upgrades_in("Reading package lists...\n") == ()


def test_copies_that_are_behind_or_away_are_told():
    behind, away = unhealed(HEAL.splitlines())
    assert "7" in behind
    assert "192.168.100.11" in behind
    assert "192.168.100.12" in away


def test_what_is_deferred_is_not_waited_for():
    line = '{"queue_name": "%s", "queue_id": "4jbP", "recipients": []}\n'
    assert delivers(line % "deferred" + line % "active")
    assert delivers(line % "incoming")
    assert not delivers(line % "deferred" + line % "hold")
    assert not delivers("")

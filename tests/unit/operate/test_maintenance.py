"""What apt and Postfix say, read from captured output."""

from __future__ import annotations

from relevo.operate.maintenance import Upgrade, delivers, upgrades_in

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


def test_what_would_be_upgraded_is_told_without_what_would_be_new():
    assert upgrades_in(APT) == (
        Upgrade("openssl", "3.5.1-1", "3.5.1-1+deb13u1"), Upgrade("libssl3t64", "3.5.1-1", "3.5.1-1+deb13u1"),
    )
    assert upgrades_in("Reading package lists...\n") == ()


def test_what_is_deferred_is_not_waited_for():
    line = '{"queue_name": "%s", "queue_id": "4jbP", "recipients": []}\n'
    assert delivers(line % "deferred" + line % "active")
    assert delivers(line % "incoming")
    assert not delivers(line % "deferred" + line % "hold")
    assert not delivers("")

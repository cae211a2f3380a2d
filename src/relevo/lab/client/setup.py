"""Render and lay down the configuration of the machine `client`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from relevo.cluster.model import Cluster
from relevo.deploy.shell import run
from relevo.lab.contract import CLIENT, OUTSIDE_DOMAIN, OUTSIDE_MAILBOX, OUTSIDE_MAILDIR
from relevo.lab.disk import enable, write
from relevo.lab.plan import NetworkPlan
from relevo.services.base import template

HOSTNAME = f"mx.{OUTSIDE_DOMAIN}"
_USER_NUMBER = "5100"
_UNITS = ("chrony.service", "named.service", "opendkim.service", "opendmarc.service", "postfix.service")
_FILES = (
    "/etc/bind/named.conf",
    "/etc/bind/zones/empty-root",
    "/etc/bind/zones/outside",
    "/etc/chrony/chrony.conf",
    "/etc/opendkim.conf",
    "/etc/opendmarc.conf",
    "/etc/postfix/main.cf",
    "/etc/postfix/master.cf",
    "/etc/postfix-policyd-spf-python/policyd-spf.conf",
    "/etc/resolv.conf",
)


def client_files(cluster: Cluster, plan: NetworkPlan) -> Mapping[str, str]:
    """Return the client's files by their paths on it."""
    values = {
        "address": plan.address(CLIENT), "subnet": plan.subnet, "domain": OUTSIDE_DOMAIN, "hostname": HOSTNAME,
        "mailbox": OUTSIDE_MAILBOX.partition("@")[0],
        "name_servers": platform_name_servers(cluster),
        "platform": [str(node.address) for node in cluster.peers],
    }
    return {path: template("relevo.lab.client", f"{path.lstrip('/')}.j2", **values) for path in _FILES}


def platform_name_servers(cluster: Cluster) -> list[str]:
    """Return the addresses of the platform's name servers, the primary first."""
    return [str(node.address) for node in (cluster.storage_node, *cluster.mail_nodes)]


def set_up_client(root: Path, cluster: Cluster, plan: NetworkPlan) -> None:
    """Write the client's files on its disk, make its one mailbox, enable its services."""
    for path, content in client_files(cluster, plan).items():
        write(root, path, content)
    home, user = str(Path(OUTSIDE_MAILDIR).parent), OUTSIDE_MAILBOX.partition("@")[0]
    run(["chroot", str(root), "useradd", "--uid", _USER_NUMBER, "--home-dir", home, "--create-home", user])
    folders = [f"{OUTSIDE_MAILDIR}{part}" for part in ("", "/cur", "/new", "/tmp")]  # noqa: S108 - a Maildir's own `tmp`
    run(["chroot", str(root), "install", "-d", "-m", "0700", "-o", user, "-g", user, *folders])
    enable(root, *_UNITS)

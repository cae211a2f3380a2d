"""The Debian packages of the lab's image: a plain server, what the services want on any node, and the client's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.services import SERVICES
from relevo.services.base import Context, NodeFacts
from relevo.services.releases import DEBIAN_12, DEBIAN_13, Release

# The Debian suites of which a lab can be made, the first by default.
SUITES: Mapping[str, Release] = {"trixie": DEBIAN_13, "bookworm": DEBIAN_12}
SUITE = next(iter(SUITES))

# What a Debian server has when its installer is done and only "SSH server" was chosen, as far as a container needs it;
# and python3-venv, which `relevo apply` would fetch on a machine with internet.
PLAIN_SERVER = (
    "apt-utils", "bzip2", "ca-certificates", "cron", "dbus", "file", "init", "iproute2", "iputils-ping", "kmod", "less",
    "libpam-systemd", "locales", "logrotate", "nano", "netbase", "openssh-server", "openssl", "procps", "python3",
    "python3-venv", "rsync", "sudo", "systemd", "systemd-sysv", "tzdata", "udev", "vim-tiny", "xz-utils",
)

# The foreign mail server with its zone and its checks, the clock of this closed network, a DHCP client, and tools.
CLIENT = (
    "bind9", "bind9-dnsutils", "busybox", "chrony", "curl", "netcat-openbsd", "opendkim", "opendkim-tools", "opendmarc",
    "postfix", "postfix-policyd-spf-python", "publicsuffix", "ssl-cert", "swaks",
)

# What a machine has that boots a kernel of its own: the distribution's smallest, and a way in without the network.
VIRTUAL = ("e2fsprogs", "initramfs-tools", "linux-image-cloud-amd64", "qemu-guest-agent")


def image_packages(cluster: Cluster, suite: str = SUITE, *, virtual: bool = False) -> tuple[str, ...]:
    """Return the packages of an image that serves every node of this cluster and every kind of storage and DHCP.

    `virtual`: its machines boot a kernel of their own.
    """
    contexts = _contexts(cluster, SUITES[suite])
    wanted = {name for ctx in contexts for service in SERVICES for name in service.packages(ctx)}
    return tuple(sorted(wanted | set(PLAIN_SERVER) | set(CLIENT) | set(VIRTUAL if virtual else ())))


def _contexts(cluster: Cluster, release: Release) -> Iterator[Context]:
    secrets = Secrets(**dict.fromkeys(Secrets.model_fields, SecretStr("")))
    facts = NodeFacts(release, interface="eth0", memory_mb=4096, cpus=2)
    for variant in _variants(cluster):
        for node in variant.nodes.values():
            yield Context(variant, secrets, node, facts)


def _variants(cluster: Cluster) -> Iterator[Cluster]:
    """One image for all kinds, so that another kind in the cluster file does not mean another image."""
    yield cluster
    for kind in ("glusterfs", "nfs"):
        yield cluster.model_copy(update={"storage": cluster.storage.model_copy(update={"kind": kind})})
    for server in ("kea", "isc"):
        yield cluster.model_copy(update={"dhcp": cluster.dhcp.model_copy(update={"server": server})})

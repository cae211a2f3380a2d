"""Packages and constants of the operating system's part."""

from __future__ import annotations

from dataclasses import dataclass

from relevo.cluster.wires import LOCAL_PORTS
from relevo.services.base import Context

LOCALE = "C.UTF-8"  # in every Debian without generating anything; people's language is the web's business
MIN_FREE_BYTES = 2 * 1024**3
JOURNAL_MAX_USE = "1G"
DEFAULT_TIMEOUT_SECONDS = 90  # systemd's own (systemd-system.conf(5))


def packages(ctx: Context) -> tuple[str, ...]:  # noqa: ARG001 - the contract gives every service its context
    """Return what the base needs beyond a minimal Debian."""
    return ("ca-certificates", "chrony", "iproute2", "netbase", "procps", "ssl-cert", "tzdata")


@dataclass(frozen=True)
class KernelSetting:
    """A kernel setting that differs from the default, with its reason (kernel manual: `admin-guide/sysctl`)."""

    name: str
    value: str
    reason: str

    @property
    def path(self) -> str:
        """Where the kernel shows it."""
        return "/proc/sys/" + (self.name if "/" in self.name else self.name.replace(".", "/"))


KERNEL = (
    KernelSetting(
        "net.ipv4.tcp_retries2", "8",
        "A connection to a machine that lost its power is given up after 100 s (RFC 1122's minimum), not after 15 min.",
    ),
    KernelSetting(
        "net.ipv4.tcp_keepalive_time", "300",
        "An idle IMAP connection is asked after 5 min, not after 2 h: dead clients free their process.",
    ),
    KernelSetting("net.ipv4.tcp_keepalive_intvl", "30", "... and asked again every 30 s"),
    KernelSetting("net.ipv4.tcp_keepalive_probes", "5", "... five times."),
    KernelSetting(
        "net.ipv4.ip_local_port_range", LOCAL_PORTS,
        "Outgoing connections come from below the storage's ports: who cuts those off (the fence) must not hit others.",
    ),
    KernelSetting(
        "fs.inotify.max_user_instances", "8192",
        "Every IMAP client that waits for mail (IDLE) holds one, all of the same user; the default is 128.",
    ),
    KernelSetting(
        "net.ipv4.conf.all.arp_ignore", "1",
        "After a switchover the old node has the virtual IP on lo for a while: no neighbour may be told so,",
    ),
    KernelSetting("net.ipv4.conf.all.arp_announce", "2", "... nor learn it from the node's own questions."),
    KernelSetting("vm.swappiness", "10", "Rather drop file caches than swap out database and virus signatures."),
    KernelSetting("kernel.panic", "10", "After a panic reboot in 10 s: the node comes back as after a power cut."),
)


def kernel(ctx: Context) -> tuple[KernelSetting, ...]:
    """Return the settings of one node."""
    if not (ctx.cluster.vip6 and ctx.node.is_mail):
        return KERNEL
    # With slashes, since an interface's name may have a dot in it (sysctl.d(5)).
    advertisements = KernelSetting(
        f"net/ipv6/conf/{ctx.facts.interface}/accept_ra", "0",
        "IPv6 is the virtual IP's alone: no router gives this node an address that DNS and SPF don't know, or a route.",
    )
    return (*KERNEL, advertisements)

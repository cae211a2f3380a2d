"""The files of the operating system's part: names, time, journal, kernel settings."""

from __future__ import annotations

from relevo.services.base import Context, File, template
from relevo.services.base_os.settings import DEFAULT_TIMEOUT_SECONDS, JOURNAL_MAX_USE, LOCALE, kernel

SYSCTL_FILE = "/etc/sysctl.d/60-relevo.conf"
CHRONY_FILE = "/etc/chrony/chrony.conf"
SYSTEMD_FILE = "/etc/systemd/system.conf.d/relevo.conf"
JOURNAL_FILE = "/etc/systemd/journald.conf.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files of one node."""
    journal = template(str(__package__), "etc/systemd/journald.conf.d/relevo.conf.j2", max_use=JOURNAL_MAX_USE)
    return (
        File("/etc/hostname", f"{ctx.node.name}\n"),
        File("/etc/hosts", _hosts(ctx)),
        File(_locale_path(ctx), template(str(__package__), "etc/locale.conf.j2", locale=LOCALE)),
        File(CHRONY_FILE, _chrony(ctx), check=("chronyd", "-p", "-f", "{}")),
        File(JOURNAL_FILE, journal),
        *((_start_limits(ctx),) if ctx.cluster.failover.patience > 1 else ()),
        File(SYSCTL_FILE, template(str(__package__), "etc/sysctl.d/60-relevo.conf.j2", settings=kernel(ctx))),
    )


def _start_limits(ctx: Context) -> File:
    """Return how long units may take to start and to stop that don't say so themselves."""
    seconds = ctx.cluster.failover.paced(DEFAULT_TIMEOUT_SECONDS)
    return File(SYSTEMD_FILE, template(str(__package__), "etc/systemd/system.conf.d/relevo.conf.j2", seconds=seconds))


def _hosts(ctx: Context) -> str:
    return template(
        str(__package__), "etc/hosts.j2", nodes=ctx.cluster.peers, domain=ctx.cluster.domain, vip=ctx.cluster.vip,
        hostname=ctx.cluster.hostname,
    )


def _locale_path(ctx: Context) -> str:
    """Debian 13 has made /etc/default/locale a link to systemd's own file."""
    return "/etc/locale.conf" if ctx.facts.release.generation >= 13 else "/etc/default/locale"  # noqa: PLR2004


def _chrony(ctx: Context) -> str:
    storage = ctx.cluster.storage_node
    serves = ctx.node == storage
    return template(
        str(__package__), "etc/chrony/chrony.conf.j2", serves=serves, storage=storage,
        sources=[f"{_kind(name)} {name}" for name in ctx.cluster.cluster.time_servers],
        clients=[node for node in ctx.cluster.peers if node != storage] if serves else (),
    )


def _kind(name: str) -> str:
    """Return chrony's directive: a pool's name stands for many servers, of which it takes four."""
    return "pool" if "pool" in name.split(".") else "server"

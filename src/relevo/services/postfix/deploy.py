"""Converge mail transport on a mail node."""

from __future__ import annotations

import pwd
from pathlib import Path

from relevo.cluster import wires
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.postfix import one_unit
from relevo.services.postfix.health import port_answers, recipient_answer
from relevo.services.postfix.render import render
from relevo.services.postfix.settings import LIST_POSTER_USER, QUEUE_UNIT, RUNNING, SMTPD_DIRECTORY, UNIT

# postconf ends with 0 whatever it finds; what it has to say is on its standard error.
_SILENT = """\
said=$({ postconf -n && postconf -M; } 2>&1 >/dev/null) || said="$said (it failed)"
[ -z "$said" ] || { echo "$said" >&2; exit 1; }
"""
_CHECK = ("/bin/sh", "-c", _SILENT)
_ADD_USER = (
    "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
    "--shell", "/usr/sbin/nologin", LIST_POSTER_USER,
)
# The first start makes some 700 directories of the queue on the shared storage.
_START_SECONDS = 90
_READY_SECONDS = 30
_SOCKETS_6, _LISTEN = Path("/proc/net/tcp6"), "0A"


def deploy(ctx: Context) -> None:
    """Place the configuration, and see by real dialogues that every port and every map answers."""
    step(_("user {name}").format(name=LIST_POSTER_USER), _user_is_missing, lambda: run(_ADD_USER))
    directory(SMTPD_DIRECTORY)
    directory(f"{SMTPD_DIRECTORY}/incoming", owner="postfix", group="postfix", mode=0o700)
    step(_("sockets in {folder}").format(folder=SMTPD_DIRECTORY), _sockets_missing, _link_sockets)
    files = render(ctx)
    config_tree(files, checks=(_CHECK,))
    one_unit.deploy(ctx)
    disabled("postfix-resolvconf.path")
    step(_("links in {folder}").format(folder=wires.SPOOL), lambda: _links_missing(ctx), _make_links)
    unit(
        UNIT, files=(*files, *_certificate(ctx)), reload=True, start=lambda verb: _start(ctx, verb),
        ready=lambda: _wait(ctx), within=_START_SECONDS,
    )


def _start(ctx: Context, verb: str) -> None:
    """Reload it, but restart where it must listen by IPv6 from now on, or no more: a reload leaves that as it is."""
    sockets = _SOCKETS_6.read_text(encoding="ascii") if _SOCKETS_6.exists() else ""  # a kernel without IPv6
    other = listens(sockets, 25) is not bool(ctx.cluster.vip6)
    run(["systemctl", "restart" if verb == "reload" and other else verb, UNIT], within=_START_SECONDS)


def listens(sockets: str, port: int) -> bool:
    """Tell whether somebody listens on a port, from the text of /proc/net/tcp6 (proc_net(5))."""
    rows = (line.split() for line in sockets.splitlines()[1:])
    return any(row[1].endswith(f":{port:04X}") and row[3] == _LISTEN for row in rows)


def _user_is_missing() -> str | None:
    try:
        pwd.getpwnam(LIST_POSTER_USER)
    except KeyError:
        return _("add")
    return None


def _sockets_missing() -> str | None:
    links = {name: Path(SMTPD_DIRECTORY) / name for name in RUNNING}
    spool = Path(wires.SPOOL)
    missing = [name for name, link in links.items() if not link.is_symlink() or link.readlink() != spool / name]
    return _("link {missing}").format(missing=", ".join(missing)) if missing else None


def _link_sockets() -> None:
    """Have smtpd find the other services' sockets below its own directory, too."""
    for name in RUNNING:
        link = Path(SMTPD_DIRECTORY) / name
        link.unlink(missing_ok=True)
        link.symlink_to(Path(wires.SPOOL) / name)


def _links_missing(ctx: Context) -> str | None:
    link = Path(wires.SPOOL) / "active"  # one stands for all: they are made together
    target = Path(wires.queue_directory(ctx.node.name)) / "active"
    return None if link.is_symlink() and link.readlink() == target else _("make them")


def _make_links() -> None:
    """Start the unit that makes them anew; Postfix, if it runs, goes down with it."""
    run(["systemctl", "daemon-reload"])
    run(["systemctl", "restart", QUEUE_UNIT])


def _certificate(ctx: Context) -> tuple[File, ...]:
    """Return what else a reload is due for."""
    names = {wires.TLS_CERTIFICATE: "tls_certificate", wires.TLS_KEY: "tls_key"}
    return tuple(File(path, ctx.secrets.reveal(name), secret=True) for path, name in names.items())


def _wait(ctx: Context) -> None:
    for port in (25, 465, 587):
        what = _("Postfix on port {port}").format(port=port)
        wait_until(lambda port=port: port_answers(port), within=_READY_SECONDS, what=what)  # type: ignore[misc]
    probe = wires.probe_mailbox(ctx.node.name, ctx.cluster)
    wait_until(
        lambda: not recipient_answer(probe).startswith("4"), within=_READY_SECONDS,
        what=_("Postfix's look-ups in the database (see `journalctl -u postfix`)"),
    )

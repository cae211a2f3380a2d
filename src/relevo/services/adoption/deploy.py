"""Lay an adoption ready on a mail node. Nothing is started: when a queue is adopted is the agent's decision."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.deploy import mount_point
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import run
from relevo.i18n import _
from relevo.services.adoption.render import render
from relevo.services.adoption.settings import CONFIGURATION, DATA, STORE_UNIT
from relevo.services.base import Context

# postconf ends with 0 whatever it finds; what it has to say is on its standard error. It reads no queue, so it needs no
# mount, unlike `postfix check`.
_SILENT = f"""\
said=$({{ postconf -c {CONFIGURATION} -n && postconf -c {CONFIGURATION} -M; }} 2>&1 >/dev/null) || said="$said (failed)"
[ -z "$said" ] || {{ echo "$said" >&2; exit 1; }}
"""
_CHECK = ("/bin/sh", "-c", _SILENT)


def deploy(ctx: Context) -> None:
    """Place the files; an adoption that runs now goes on with what it has read, the next start takes the new ones."""
    directory(DATA, owner="postfix", group="postfix", mode=0o700)
    mount_point.closed(wires.ADOPTED_MOUNT)
    config_tree(render(ctx), checks=(_CHECK,))
    _read_unit_files()


def _read_unit_files() -> None:
    """Have systemd read changed unit files, so that the agent need not wait for that when it matters."""

    def needed() -> str | None:
        said = run(["systemctl", "show", "--value", "-p", "NeedDaemonReload", wires.ADOPTED_UNIT, STORE_UNIT])
        return _("read the changed unit files") if "yes" in said.split() else None

    step(_("unit files"), needed, lambda: run(["systemctl", "daemon-reload"]))

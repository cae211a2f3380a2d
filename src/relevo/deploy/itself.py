"""The first step on every node: Relevo's own files, and which of its versions runs there."""

from __future__ import annotations

import sys
from pathlib import Path

import relevo
from relevo.cluster.secrets import to_toml
from relevo.cluster.wires import CLUSTER_FILE, RELEVO_COMMAND, RELEVO_ROOT, SECRETS_FILE, STATE_DIRECTORY
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.i18n import _
from relevo.services.base import Context, File

NAME = "relevo"
_COMMAND = f"""\
#!/bin/sh
# Made by Relevo: its command on this node.
exec {RELEVO_ROOT}/current/bin/python -m relevo.cli.main "$@"
"""


def deploy(ctx: Context, cluster_text: str) -> None:
    """Put the cluster file, the secrets and the command in place; let this very version be the current one."""
    directory("/etc/relevo", mode=0o755)
    directory(STATE_DIRECTORY, mode=0o755)
    config_tree(
        [
            File(CLUSTER_FILE, cluster_text, mode=0o644),
            File(SECRETS_FILE, to_toml(ctx.secrets), mode=0o600, secret=True),
            File(RELEVO_COMMAND, _COMMAND, mode=0o755),
        ]
    )
    _link(f"{RELEVO_ROOT}/current", sys.prefix)
    _link(f"{RELEVO_ROOT}/code/current", str(Path(str(relevo.__file__)).parent.parent))
    code = f"{RELEVO_ROOT}/code/current\n"
    pth = next(Path(sys.prefix).glob("lib/python3*/site-packages")) / "relevo.pth"
    step(
        _("python path"),
        lambda: None if pth.exists() and pth.read_text() == code else _("name the code"),
        lambda: pth.write_text(code),
    )


def _link(path: str, target: str) -> None:
    def act() -> None:
        new = f"{path}.relevo-new"
        Path(new).unlink(missing_ok=True)
        Path(new).symlink_to(target)
        Path(new).replace(path)

    def needed() -> str | None:
        points = Path(path).is_symlink() and str(Path(path).readlink()) == target
        return None if points else _("point to {target}").format(target=target)

    step(path, needed, act)

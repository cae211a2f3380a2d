"""One unit is Postfix on every release: its end is seen, and all that waits for it or stops it knows one name.

Before 3.9.1-7 (Debian 12, Ubuntu 24.04) the package has an empty postfix.service, and a generator of systemd makes it
want postfix@-.service, which is Postfix. There the empty one is replaced by ours and the other one masked. An upgrade
of the distribution brings a true postfix.service: then ours must not hide it.
"""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.operations import step
from relevo.deploy.shell import run
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.postfix.settings import INSTANCE_UNIT, OWN_UNIT_FILE, has_instances

_OURS = "# Made by Relevo"


def deploy(ctx: Context) -> None:
    """Mask the package's instance where ours takes its place; elsewhere see that nothing of that is left."""
    if has_instances(ctx):
        step(INSTANCE_UNIT, _instance_may_run, _mask_instance)
    else:
        step(OWN_UNIT_FILE, lambda: leftover(Path(OWN_UNIT_FILE)), _remove_leftovers)


def _instance_may_run() -> str | None:
    state = run(["systemctl", "show", "--value", "-p", "LoadState", INSTANCE_UNIT]).strip()
    return None if state == "masked" else _("stop and mask: postfix.service is Postfix")


def _mask_instance() -> None:
    """Stop it first: two masters on one queue exclude each other, and the second one would fail."""
    run(["systemctl", "stop", INSTANCE_UNIT], within=60)
    run(["systemctl", "mask", INSTANCE_UNIT])


def leftover(unit_file: Path) -> str | None:
    """Say that a unit file of ours, of an older release, hides the package's; None when there is none."""
    ours = unit_file.is_file() and unit_file.read_text(encoding="utf-8").startswith(_OURS)
    return _("remove: the package of this release has a unit of its own") if ours else None


def _remove_leftovers() -> None:
    Path(OWN_UNIT_FILE).unlink()
    run(["systemctl", "unmask", INSTANCE_UNIT])
    run(["systemctl", "daemon-reload"])

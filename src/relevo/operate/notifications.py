"""Send a test over every way to people, and learn of each whether it got through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from relevo.alerts.ask import ask
from relevo.alerts.message import trial_message
from relevo.alerts.sending import send
from relevo.alerts.ways import Way, parse
from relevo.cluster.model import Cluster
from relevo.cluster.wires import NOTIFY_PORT, RELEVO_PYTHON
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _

_TEST_SECONDS = 120.0  # every way at once; each has apprise's own time-outs


@dataclass(frozen=True)
class Trial:
    """What came of one way: its line in `notify.urls`, its kind, and why it did not get through ("" when it did)."""

    line: int
    scheme: str
    why: str


def try_there(cluster: Cluster, folder: Path) -> tuple[Trial, ...]:
    """Have the storage machine send it, the way every alert goes; raise RelevoError when it can't be asked."""
    command = [RELEVO_PYTHON, "-m", "relevo.alerts.ask", str(NOTIFY_PORT), "test"]
    with Ssh(cluster, folder) as ssh:
        try:
            return _trials(ssh.run(cluster.storage_node, command, within=_TEST_SECONDS))
        except CommandFailed as error:
            raise RelevoError(f"{cluster.storage_node.name}: {error}") from None


def try_on_this_node() -> tuple[Trial, ...]:
    """Ask the unit of this machine, the storage machine; raise RelevoError when it does not run."""
    try:
        return _trials(ask("test", NOTIFY_PORT))
    except OSError as error:
        text = _("relevo-notify does not answer here ({error}): it runs on the storage machine")
        raise RelevoError(text.format(error=error.strerror or error)) from None


def try_from_here(cluster: Cluster, text: str, machine: str) -> tuple[Trial, ...]:
    """Send it from this very machine, over the ways that a text names."""
    said = trial_message(cluster.cluster.name, machine)

    def one(way: Way) -> Trial:
        return Trial(way.line, way.scheme, send(way, said))

    ways: Sequence[Way] = parse(text)
    with ThreadPoolExecutor(max_workers=max(len(ways), 1)) as pool:
        return tuple(pool.map(one, ways))


def _trials(text: str) -> tuple[Trial, ...]:
    try:
        return tuple(Trial(int(one["line"]), str(one["scheme"]), str(one["why"])) for one in json.loads(text))
    except (ValueError, KeyError, TypeError):
        raise RelevoError(_("relevo-notify answers with something else than JSON")) from None

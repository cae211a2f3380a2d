"""The worker: one process that converges one node, run on that node.

It reads JSON lines from stdin and answers with events, a JSON line each: first an opening (`Opening` in
`relevo.deploy.connection`), answered by `ready`, `locked` or `failed`; then orders
`{"do": "plan" | "apply" | "note", "service": NAME}`, each answered up to a `done` or `failed`.
"""

from gevent import monkey

monkey.patch_all()  # before anything else, or pyinfra's time-outs are ignored

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402

from pyinfra.api.config import Config  # noqa: E402
from pyinfra.api.connect import connect_all  # noqa: E402
from pyinfra.api.exceptions import PyinfraError  # noqa: E402
from pyinfra.api.inventory import Inventory  # noqa: E402
from pyinfra.api.state import State, StateStage  # noqa: E402
from pyinfra.context import ctx_host, ctx_state  # noqa: E402

from relevo.cluster import secrets as secrets_file  # noqa: E402
from relevo.cluster.load import parse as parse_cluster  # noqa: E402
from relevo.cluster.wires import CLUSTER_FILE, SECRETS_FILE, STATE_DIRECTORY  # noqa: E402
from relevo.deploy import events, itself, local, lock, packages  # noqa: E402
from relevo.deploy.mask import Mask  # noqa: E402
from relevo.errors import LockedError, RelevoError  # noqa: E402
from relevo.i18n import speak  # noqa: E402
from relevo.services import SERVICES  # noqa: E402
from relevo.services.base import Context  # noqa: E402

PLAN, APPLY = "plan", "apply"
JOURNAL = Path(STATE_DIRECTORY) / "journal.log"


def main() -> int:
    """Read the opening, take the lock, obey orders until stdin ends."""
    logging.getLogger("pyinfra").setLevel(logging.CRITICAL)  # what matters reaches the operator as events
    events.listen(_say)
    opening = json.loads(sys.stdin.readline())
    speak(opening["language"])
    try:
        ctx = _context(opening)
        held = lock.acquire(opening["who"], opening["why"])
    except LockedError as error:
        events.report(events.LOCKED, "start", str(error))
        return 1
    except RelevoError as error:
        events.report(events.FAILED, "start", str(error))
        return 1
    mask = Mask(ctx.secrets)
    events.listen(lambda event: _say(replace(event, detail=mask(event.detail), diff=mask(event.diff))))
    events.report(events.READY, "start")
    with held:
        for line in sys.stdin:
            order = json.loads(line)
            _obey(ctx, opening, order["do"], order["service"])
    return 0


def _say(event: events.Event) -> None:
    sys.stdout.write(event.to_json() + "\n")
    sys.stdout.flush()


def _context(opening: dict[str, str]) -> Context:
    cluster = parse_cluster(opening["cluster"], CLUSTER_FILE, of_node=True)
    secrets = secrets_file.parse(opening["secrets"], SECRETS_FILE)
    node = cluster.nodes[opening["node"]]
    return Context(cluster, secrets, node, local.gather(node))


def _obey(ctx: Context, opening: dict[str, str], verb: str, service: str) -> None:
    events.begin(service)
    try:
        if verb == events.NOTE:
            _note(opening["who"], service)
        else:
            with _pyinfra(applying=verb == APPLY):
                _deploy(ctx, opening, service)
    except (RelevoError, PyinfraError, OSError) as error:
        events.report(events.FAILED, service, str(error))
    else:
        events.report(events.DONE, service)


def _deploy(ctx: Context, opening: dict[str, str], service: str) -> None:
    if service == itself.NAME:
        itself.deploy(ctx, opening["cluster"])
    elif service == packages.NAME:
        packages.deploy(ctx)
    else:
        next(s for s in SERVICES if s.name == service).deploy(ctx)


def _note(who: str, what: str) -> None:
    """Add a line to the node's journal of what was done to the cluster, when and by whom."""
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {who} {what}\n")


@contextmanager
def _pyinfra(*, applying: bool) -> Iterator[None]:
    """Set pyinfra up for this machine alone: in a plan operations only look, in an apply each runs as it is called."""
    state = State(Inventory((["@local"], {})), Config(), check_for_changes=not applying)
    state.current_stage = StateStage.Prepare
    connect_all(state)
    state.is_executing = applying
    with ctx_state.use(state), ctx_host.use(state.inventory.get_host("@local")):
        yield


if __name__ == "__main__":
    sys.exit(main())

"""The worker: one process that converges one node, run on that node. It reads orders line by line from stdin and answers
with events, a JSON line each.

Orders are JSON objects: `{"do": "plan" | "apply", "service": NAME}`; the answer ends with an event `done` or `failed`.
"""

from gevent import monkey

monkey.patch_all()  # before anything else, or pyinfra's time-outs are ignored

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402

from pyinfra.api import Config, Inventory, State  # noqa: E402
from pyinfra.api.connect import connect_all  # noqa: E402
from pyinfra.api.exceptions import PyinfraError  # noqa: E402
from pyinfra.api.state import StateStage  # noqa: E402
from pyinfra.context import ctx_host, ctx_state  # noqa: E402

from relevo.cluster import secrets as secrets_file  # noqa: E402
from relevo.cluster.load import load  # noqa: E402
from relevo.cluster.wires import CLUSTER_FILE, SECRETS_FILE  # noqa: E402
from relevo.deploy import events, local, packages  # noqa: E402
from relevo.errors import RelevoError  # noqa: E402
from relevo.services import SERVICES  # noqa: E402
from relevo.services.base import Context  # noqa: E402

PLAN, APPLY = "plan", "apply"


def main() -> int:
    """Take orders until stdin ends."""
    events.listen(lambda event: print(event.to_json(), flush=True))
    logging.getLogger("pyinfra").setLevel(logging.CRITICAL)  # what matters reaches the operator as events
    try:
        ctx = _context(sys.argv[1])
    except RelevoError as error:
        events.report(events.FAILED, "start", str(error))
        return 1
    events.report(events.READY, "start")
    for line in sys.stdin:
        order = json.loads(line)
        _obey(ctx, order["do"], order["service"])
    return 0


def _context(node_name: str) -> Context:
    cluster = load(Path(CLUSTER_FILE))
    secrets = secrets_file.read(Path(SECRETS_FILE))
    node = cluster.nodes[node_name]
    return Context(cluster, secrets, node, local.gather(node))


def _obey(ctx: Context, verb: str, service: str) -> None:
    events.begin(service)
    try:
        with _pyinfra(applying=verb == APPLY):
            if service == packages.NAME:
                packages.deploy(ctx)
            else:
                next(s for s in SERVICES if s.name == service).deploy(ctx)
    except (RelevoError, PyinfraError, OSError) as error:
        events.report(events.FAILED, service, str(error))
    else:
        events.report(events.DONE, service)


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

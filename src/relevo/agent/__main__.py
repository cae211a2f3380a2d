"""relevo-agent: `python -m relevo.agent [CONFIG]`, started by relevo-agent.service.

SIGHUP (a reload) reads the configuration and the code anew by executing itself again, with the same process id: the
weight stays, so the virtual IP does too. SIGTERM ends it; the unit then takes the weight away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from relevo.agent import pace, probes, settings
from relevo.agent.barriers import Barriers
from relevo.agent.node import Node
from relevo.agent.quotas import quotas
from relevo.agent.server import serve


def main() -> int:
    """Run until a signal comes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    path = sys.argv[1] if len(sys.argv) > 1 else settings.CONFIG_PATH
    try:
        own = settings.read(path)
    except (OSError, ValueError, KeyError) as error:
        logging.getLogger(__name__).error("%s can't be used (%s): run `relevo apply`", path, error)  # noqa: TRY400
        return 1
    if not pace.is_of(own.patience):
        pace.for_next(own.patience)
        _begin_anew(path)
    probes.use_bare_packages(own.services)
    ports = [port for port in own.config["storage_ports"].split(",") if port]
    barriers = Barriers(own.vip, ports, own.state_directory, vip6=own.vip6, quotas=quotas(own))
    node = Node(own, probes.of_node(own.services, own.config), barriers)
    got = asyncio.run(_until_signal(node, own.socket))
    if got is signal.SIGHUP:
        _begin_anew(path)
    return 0


def _begin_anew(path: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", "relevo.agent", path])  # noqa: S606 - ourselves


async def _until_signal(node: Node, socket: str) -> signal.Signals:
    """Run the node until SIGTERM, SIGINT or SIGHUP, and raise an error of its own: systemd then starts it anew."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[signal.Signals] = loop.create_future()
    for wanted in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(wanted, _set_once, came, wanted)
    work = asyncio.ensure_future(asyncio.gather(node.run(), serve(socket, node.whole_view, node.history, node.obey)))
    work.add_done_callback(lambda _: _set_once(came, signal.SIGTERM))
    got = await came
    if work.done():
        work.result()
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work
    return got


def _set_once(future: asyncio.Future[signal.Signals], value: signal.Signals) -> None:
    if not future.done():
        future.set_result(value)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # a probe that hangs in the kernel must not hold up the end

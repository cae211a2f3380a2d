"""relevo-use: `python -m relevo.use CONFIG`, started by relevo-use.service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

from relevo.use import settings
from relevo.use.collector import Collector
from relevo.use.database import Database


def main() -> int:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        own = settings.read(sys.argv[1])
    except (OSError, ValueError, TypeError, LookupError) as error:
        logging.getLogger(__name__).error("no configuration (%s): run `relevo apply`", error)  # noqa: TRY400
        return 1
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(own))
    return 0


async def _run(own: settings.Settings) -> None:
    work = asyncio.ensure_future(Collector(own, Database(own)).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    await work


if __name__ == "__main__":
    sys.exit(main())

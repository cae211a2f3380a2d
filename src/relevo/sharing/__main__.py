"""relevo-sharing: `python -m relevo.sharing CONFIG`, started by relevo-sharing.service."""

from __future__ import annotations

import logging
import sys

from relevo.sharing import settings
from relevo.sharing.database import Database
from relevo.sharing.loop import Loop


def main() -> int:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        own = settings.read(sys.argv[1])
    except (OSError, ValueError, TypeError, LookupError) as error:
        logging.getLogger(__name__).error("no configuration (%s): run `relevo apply`", error)  # noqa: TRY400
        return 1
    Loop(own, Database(own)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""relevo-dkim: `python -m relevo.dkim CONFIG`, started by relevo-dkim.service."""

from __future__ import annotations

import logging
import sys

from relevo.dkim import settings
from relevo.dkim.database import Database
from relevo.dkim.loop import Loop


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

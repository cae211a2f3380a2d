"""relevo-notify: `python -m relevo.alerts --urls FILE --cluster NAME --port PORT`, started by relevo-notify.service.

Its language is that of the environment (LANGUAGE); what it logs holds no address.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from relevo.alerts.sending import send
from relevo.alerts.server import Notifier, server
from relevo.alerts.ways import parse, plugin

log = logging.getLogger("relevo.alerts")


def main() -> int:
    """Listen until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(description="Send alerts on.")
    parser.add_argument("--urls", type=Path, required=True)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    ways = parse(asked.urls.read_text(encoding="utf-8"))
    for way in ways:
        log.info("%s%s", way, "" if plugin(way) else ": apprise does not understand the address")
    notifier = Notifier(asked.cluster, ways, send)
    listener = server(asked.port, notifier)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=listener.shutdown).start())
    listener.serve_forever()
    notifier.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

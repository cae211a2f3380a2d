"""Ask relevo-notify of this machine: `python -m relevo.alerts.ask PORT test|state`, the answer is JSON."""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

ANSWER_SECONDS = 90.0  # a test waits for every way
_METHODS = {"test": "POST", "state": "GET"}


def ask(what: str, port: int) -> str:
    """Return its answer; raise OSError when it does not run."""
    line = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        line.request(_METHODS[what], f"/{what}")
        return line.getresponse().read().decode()
    except HTTPException as error:
        raise OSError(f"{type(error).__name__}") from None
    finally:
        line.close()


def main() -> int:
    """Print the answer; exit 1 when there is none."""
    try:
        sys.stdout.write(ask(sys.argv[2], int(sys.argv[1])))
    except OSError as error:
        reason = error.strerror or error
        sys.stderr.write(f"relevo-notify does not answer ({reason}): `systemctl status relevo-notify`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

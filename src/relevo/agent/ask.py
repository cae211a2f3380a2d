"""Ask the agent of this node: `python -m relevo.agent.ask [WHAT]`, with WHAT as in `relevo.agent.server`."""

from __future__ import annotations

import socket
import sys

from relevo.agent.settings import SOCKET_PATH

ANSWER_SECONDS = 5.0


def ask(what: str = "view", path: str = SOCKET_PATH, within: float = ANSWER_SECONDS) -> str:
    """Return the agent's answer; raise OSError when it does not run, or does not answer within so many seconds."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(within)
        sock.connect(path)
        sock.sendall(what.encode() + b"\n")
        return b"".join(iter(lambda: sock.recv(65536), b"")).decode()


def main() -> int:
    """Print the answer; exit 1 when there is none."""
    try:
        sys.stdout.write(ask(sys.argv[1] if len(sys.argv) > 1 else "view"))
    except OSError as error:
        sys.stderr.write(f"the agent does not answer ({error.strerror or error}): `systemctl status relevo-agent`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Ask relevo-queue-control of this node, from the web or a command; blocking, with a deadline."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from relevo.queue.peer import LONGEST

SECONDS = 20.0  # longer than the service waits for the other node


def ask(question: Mapping[str, object], path: str, within: float = SECONDS) -> dict[str, Any]:
    """Return the answer to a question as in `relevo.queue.questions`, at the service's socket.

    Raises:
        OSError: nobody is there, or no answer came within so many seconds.
        ValueError: what came is no answer.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(within)
        line.connect(path)
        line.sendall(json.dumps(question).encode() + b"\n")
        with line.makefile("rb") as answers:
            told = json.loads(answers.readline(LONGEST))
    if not isinstance(told, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - of the service, not of the caller
    return told

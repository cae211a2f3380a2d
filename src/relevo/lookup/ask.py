"""Ask relevo-lookup of this node, from the web or a command; blocking, with a deadline."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

SECONDS = 3.0  # longer than it takes for its answer, and than it takes to start
LONGEST = 1 << 18  # bytes of an answer
SILENT, DIFFER = "silent", "differ"  # what can be wrong with an answer: nobody gave one; servers say different things


def ask(question: Mapping[str, object], path: str, count: int) -> list[dict[str, Any]]:
    """Return the answers to a question as in `relevo.lookup.questions`, one of each record in it.

    Raises:
        OSError: nobody is there, or no answer came in time.
        ValueError: what came is no answer.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(SECONDS)
        line.connect(path)
        line.sendall(json.dumps(question).encode() + b"\n")
        with line.makefile("rb") as answers:
            told = json.loads(answers.readline(LONGEST))
    if not isinstance(told, list) or len(told) != count:
        raise ValueError("not an answer")
    return told

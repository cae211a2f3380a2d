"""relevo-lookup: `python -m relevo.lookup`, started by systemd for a connection; a line in, a line out."""

from __future__ import annotations

import asyncio
import json
import sys

from relevo.lookup.answers import answer
from relevo.lookup.questions import LONGEST, Refused, parse


def main() -> int:
    """Answer one question."""
    try:
        told: object = asyncio.run(answer(parse(sys.stdin.buffer.readline(LONGEST))))
    except Refused as why:
        told = {"refused": str(why)}
    sys.stdout.write(json.dumps(told, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

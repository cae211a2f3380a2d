"""The child of the queue's probe: counts messages now and then, and writes a line of JSON each time, until stdin ends.

    {"mail01": 12, "mail02": 3}      messages by the node that took them; a queue that is not mounted here is left out

A process of its own, since a file system whose storage is gone may hold its caller beyond the reach of any signal. Only
names are read, no message is opened. It is run as a script by its path, so it imports nothing of Relevo.

Arguments: seconds between two counts, then pairs of a node's name and its queue's directory.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Iterator

MOST = 20_000  # so many are told as the number; to count on would cost more than it tells
_FOLDERS = ("active", "deferred", "hold", "incoming", "maildrop")


def count(queue: str) -> int | None:
    """Return how many messages a queue has, MOST when there are more; None when it is not there."""
    if not os.path.isdir(f"{queue}/active"):  # noqa: PTH112 - a child that starts in milliseconds has no use for pathlib
        return None
    found = 0
    for name in _FOLDERS:
        for _ in _files(f"{queue}/{name}"):
            found += 1
            if found >= MOST:
                return MOST
    return found


def _files(folder: str) -> Iterator[str]:
    """Yield the messages below a folder; Postfix spreads some over folders named by a letter (hash_queue_depth)."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    yield entry.path
    except FileNotFoundError:
        return  # delivered while we looked


def main() -> None:
    """Count until stdin ends."""
    pause, pairs = float(sys.argv[1]), sys.argv[2:]
    while True:
        found = {}
        for node, queue in zip(pairs[::2], pairs[1::2], strict=True):
            try:
                number = count(queue)
            except OSError:
                number = None  # the mount goes: the probe `storage` says so
            if number is not None:
                found[node] = number
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        if select.select([sys.stdin], [], [], pause)[0]:
            return


if __name__ == "__main__":
    main()

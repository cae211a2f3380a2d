"""The child of the store's probe: touches the store once for each line on stdin, and answers with one line.

An answer is `ok`, `full`, or what went wrong.

It is run as a script by its path, so it imports nothing of Relevo. Arguments: the mount point, a folder on it.
"""

from __future__ import annotations

import errno
import os
import sys
import time

_NAME = "probe"
_FULL = (errno.ENOSPC, errno.EDQUOT)


def touch(mount: str, folder: str) -> str:
    """Write, read and remove a small file; return `ok`, or what went wrong."""
    if not os.path.ismount(mount):
        return f"nothing is mounted at {mount}"
    token = f"{time.time_ns()}\n".encode()
    path = f"{folder}/{_NAME}"
    _write(path, token)
    with open(path, "rb") as file:  # noqa: PTH123 - a child that starts in milliseconds has no use for pathlib
        read = file.read()
    os.unlink(path)  # noqa: PTH108 - the same
    return "ok" if read == token else "the store gave back something else than was written"


def _write(path: str, token: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, token)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> None:
    """Answer until stdin ends."""
    mount, folder = sys.argv[1:3]
    for _ in sys.stdin:
        try:
            answer = touch(mount, folder)
        except OSError as error:
            answer = "full" if error.errno in _FULL else f"{error.strerror} ({error.filename or mount})"
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

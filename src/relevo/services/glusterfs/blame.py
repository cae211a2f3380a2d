"""Tell a brick that another copy lacks everything, so that self-heal daemons bring it; run on each living machine.

`replace-brick` does this to the bricks that stay. `reset-brick` refuses a brick without a history, and a full heal
begins on the machine with the highest UUID only, be it the bare one (both GlusterFS 11.1). AFR's marks are on the
files: `trusted.afr.VOLUME-client-N` counts the changes that copy N has not seen, of data, metadata and entries. On a
folder the first number means that all its names are to be compared, not only those in the index of single changes; an
entry in the index has the daemons look.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

_ROOT = "00000000-0000-0000-0000-000000000001"  # the volume's root has this GFID everywhere
_INDEX = ".glusterfs/indices/xattrop"
_BASE = "xattrop-"
_ALL = struct.pack(">III", 1, 1, 1)


def blame(brick: Path, attribute: str) -> None:
    """Note on a brick that a copy has seen nothing of its root; everything below follows from that.

    Raises OSError when there is no such brick.
    """
    index = brick / _INDEX
    base = next(entry for entry in sorted(index.iterdir()) if entry.name.startswith(_BASE))
    os.setxattr(brick, attribute, _ALL)
    if not (index / _ROOT).exists():
        os.link(base, index / _ROOT)


if __name__ == "__main__":
    blame(Path(sys.argv[1]), sys.argv[2])

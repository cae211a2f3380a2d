"""Read the cluster file and gather every mistake in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

from relevo.cluster.model import Cluster


def load(path: Path) -> Cluster:
    """Return the cluster that a file describes."""
    return Cluster.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))

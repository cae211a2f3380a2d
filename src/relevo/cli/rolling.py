"""A rollout with its progress on stderr: what plan, apply and the switch to another store begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relevo.cli.progress import NodeProgress
from relevo.deploy.plan import services_of
from relevo.deploy.rollout import Rollout, connect


@contextmanager
def rolling(
    path: Path, why: str, *, text: str | None = None, moved: bool = False
) -> Iterator[tuple[Rollout, NodeProgress]]:
    """Connect to the machines of a cluster file; for the arguments and what is raised see `connect`."""
    with NodeProgress() as progress, connect(path, why, progress.tell, text=text, moved=moved) as rollout:
        nodes = rollout.cluster.peers
        progress.expect(nodes, {node.name: len(services_of(rollout.cluster, node)) for node in nodes})
        yield rollout, progress

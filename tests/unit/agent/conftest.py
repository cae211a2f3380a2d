"""What the agent's tests share: its configuration as `services/agent` renders it, on loopback and in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent.settings import Settings, parse
from relevo.services.agent import identity, render


@pytest.fixture
def settings(context, tmp_path: Path) -> Callable[[str], Settings]:
    """Return the settings of a node, with its files in the test's folder and the nodes on loopback addresses."""
    key = tmp_path / "agent.pem"
    key.write_text(identity.make("secret"))

    def of(node: str) -> Settings:
        config = next(f for f in render.render(context(node)) if f.path.endswith("agent.json"))
        own = parse(json.loads(config.data))
        local = {"mail01": "127.0.9.11", "mail02": "127.0.9.12", "storage01": "127.0.9.10"}
        return replace(
            own, address=local[node], certificate=str(key), socket=str(tmp_path / f"{node}.sock"),
            weight_file=str(tmp_path / f"{node}.weight"), state_directory=str(tmp_path / node),
            peers=tuple(replace(peer, address=local[peer.node]) for peer in own.peers),
        )

    return of

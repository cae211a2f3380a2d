"""Compare what a service renders with the golden files in `tests/unit/golden/<service>/<node>/`.

`RELEVO_GOLDEN=write` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

from relevo.services import SERVICES
from relevo.services.base import Context

GOLDEN = Path(__file__).parent.parent / "golden"


def check_golden(service_name: str, ctx: Context) -> None:
    """Render a service for a node and compare every file, byte by byte."""
    service = next(s for s in SERVICES if s.name == service_name)
    folder = GOLDEN / service_name / ctx.node.name
    rendered = {file.path.lstrip("/"): file.data for file in service.render(ctx)}
    if os.environ.get("RELEVO_GOLDEN") == "write":
        for path, data in rendered.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    stored = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert rendered.keys() == stored.keys()
    for path, data in rendered.items():
        assert data.decode() == stored[path].decode(), path

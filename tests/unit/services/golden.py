"""Compare what a service renders with the golden files in `tests/unit/golden/<service>/<node>/`, for Debian 13.

For another release only what is different there is kept, in `tests/unit/golden/<release>/<service>/<node>/`.

`RELEVO_GOLDEN=write` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

from relevo.services import SERVICES
from relevo.services.base import Context, Service

GOLDEN = Path(__file__).parent.parent / "golden"


def check_golden(service_name: str, ctx: Context) -> None:
    """Render a service for a node and compare every file, byte by byte."""
    _compare(GOLDEN / service_name / ctx.node.name, rendered(service_name, ctx))


def check_difference(service_name: str, ctx: Context, newest: Context) -> None:
    """Render a service for a node of another release and compare every file that is not as in the newest one."""
    release = f"{ctx.facts.release.distribution}-{ctx.facts.release.version}"
    usual = rendered(service_name, newest).items()
    differs = {path: data for path, data in rendered(service_name, ctx).items() if (path, data) not in usual}
    _compare(GOLDEN / release / service_name / ctx.node.name, differs)


def rendered(service_name: str, ctx: Context) -> dict[str, bytes]:
    """Return what a service wants on a node by the files' paths; nothing where it does not run."""
    service = next(s for s in SERVICES if s.name == service_name)
    return {file.path.lstrip("/"): file.data for file in service.render(ctx)} if _runs(service, ctx) else {}


def _runs(service: Service, ctx: Context) -> bool:
    return bool(service.roles & ctx.node.roles)


def _compare(folder: Path, rendered: dict[str, bytes]) -> None:
    if os.environ.get("RELEVO_GOLDEN") == "write":
        for path, data in rendered.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    stored = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert rendered.keys() == stored.keys()
    for path, data in rendered.items():
        assert data.decode() == stored[path].decode(), path

"""Converge the monitoring on the storage machine, and who watches that one; switched off, nothing of it runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import relevo
from relevo.cluster import wires
from relevo.deploy.files import config_tree
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.prometheus import settings
from relevo.services.prometheus.render import render

_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Bring what is asked up before who asks it: figures and notifications, Alertmanager, Prometheus."""
    files = render(ctx)
    if not files:
        disabled(*(reversed(settings.UNITS) if ctx.node.is_storage else (settings.WATCH_UNIT,)))
        return
    if not ctx.node.is_storage:
        config_tree(files)
        unit(settings.WATCH_UNIT, files=(*files, _code("alerts")))
        return
    config_tree(files, checks=[("promtool", "check", "config", settings.CONFIG)])
    mine = partial(_of, files)
    metrics = partial(_answers, wires.METRICS_PORT, "/metrics")
    unit(settings.METRICS_UNIT, files=(*mine(settings.METRICS_FILES), _code("agent")), ready=metrics)
    notify = partial(_answers, wires.NOTIFY_PORT, "/state")
    unit(settings.NOTIFY_UNIT, files=(*mine(settings.NOTIFY_FILES), _code("alerts")), ready=notify)
    alertmanager = partial(_answers, wires.ALERTMANAGER_PORT, "/-/ready")
    unit(settings.ALERTMANAGER_UNIT, files=mine(settings.ALERTMANAGER_FILES), ready=alertmanager)
    prometheus = partial(_answers, wires.PROMETHEUS_PORT, "/-/ready")
    unit(settings.UNIT, files=mine(settings.PROMETHEUS_FILES), ready=prometheus)


def _of(files: Sequence[File], paths: Collection[str]) -> tuple[File, ...]:
    """Return the files that a unit reads."""
    return tuple(file for file in files if file.path in paths)


def _code(room: str) -> File:
    """Stand for the code that a unit of ours runs, so that a new version of it is a change; nothing is installed."""
    folder = Path(str(relevo.__file__)).parent
    paths = sorted((folder / room).glob("*.py"))
    return File(f"code of {room}", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _answers(port: int, path: str) -> None:
    what = _("an answer to http://127.0.0.1:{port}{path}").format(port=port, path=path)
    wait_until(lambda: _ask(port, path), within=_READY_SECONDS, what=what)


def _ask(port: int, path: str) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        if (code := line.getresponse().status) != 200:  # noqa: PLR2004 - HTTP's word for fine
            raise CommandFailed(_("it answers {code}").format(code=code))
    finally:
        line.close()
    return True

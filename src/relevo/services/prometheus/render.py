"""The monitoring's files. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from relevo.cluster import wires
from relevo.i18n import translator
from relevo.services.base import Context, File, template
from relevo.services.prometheus import settings
from relevo.services.prometheus.alerts import alerts


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; none when alerts are off."""
    if not ctx.cluster.alerts.enabled:
        return ()
    if not ctx.node.is_storage:
        return tuple(_urls(ctx) if path == wires.NOTIFY_URLS else _file(ctx, path) for path in settings.WATCH_FILES)
    paths = (*settings.METRICS_FILES, *settings.NOTIFY_FILES, *settings.ALERTMANAGER_FILES, *settings.PROMETHEUS_FILES)
    special = {
        wires.NOTIFY_URLS: _urls(ctx),
        settings.RULES: File(settings.RULES, _rules(ctx), check=("promtool", "check", "rules", "{}")),
        settings.ALERTMANAGER_CONFIG: replace(
            _file(ctx, settings.ALERTMANAGER_CONFIG), check=("amtool", "check-config", "{}")
        ),
    }
    return tuple(special.get(path) or _file(ctx, path) for path in paths)


def _urls(ctx: Context) -> File:
    urls = ctx.secrets.reveal("notify_urls")
    return File(wires.NOTIFY_URLS, f"{urls}\n" if urls else "", mode=0o600, secret=True)


def _rules(ctx: Context) -> str:
    """Return the alert rules in the cluster's language. A text of JSON is one of YAML."""
    told = translator(ctx.cluster.cluster.language)

    def quoted(text: str) -> str:
        return json.dumps(told(text), ensure_ascii=False)

    return template(__package__, f"{settings.RULES.lstrip('/')}.j2", alerts=alerts(ctx.cluster), quoted=quoted)


def _file(ctx: Context, path: str) -> File:
    text = template(__package__, f"{path.lstrip('/')}.j2", cluster=ctx.cluster, settings=settings, wires=wires)
    return File(path, text)

"""What Alertmanager 0.28 sends to a webhook (JSON, version 4), as its documentation describes it."""

from __future__ import annotations

from typing import Any


def alert(name: str, *, status: str = "firing", severity: str = "warning", **notes: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": name, "cluster": "parati", "node": "mail02", "severity": severity},
        "annotations": {"summary": f"{name} on mail02", "description": "What to do: `relevo status`"} | notes,
        "startsAt": "2026-11-24T17:38:22.123456789Z",
        "endsAt": "2026-11-24T17:41:22.1Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://storage01:9090/graph?g0.expr=relevo_up+%3D%3D+0&g0.tab=1",
        "fingerprint": "a2d1f30e0e2bd5f1",
    }


def payload(*alerts: dict[str, Any], truncated: int = 0) -> dict[str, Any]:
    firing = any(one["status"] == "firing" for one in alerts)
    return {
        "version": "4",
        "groupKey": '{}:{alertname="AgentSilent"}',
        "truncatedAlerts": truncated,
        "status": "firing" if firing else "resolved",
        "receiver": "relevo",
        "groupLabels": {"alertname": "AgentSilent"},
        "commonLabels": {"alertname": "AgentSilent", "cluster": "parati"},
        "commonAnnotations": {},
        "externalURL": "http://storage01:9093",
        "alerts": list(alerts),
    }

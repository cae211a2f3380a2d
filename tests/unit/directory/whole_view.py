"""What the agent of mail01 says of a platform that is well, with all that the first page shows; and counts of mail."""

from __future__ import annotations

import time
from typing import Any

from relevo.queue.flow import HOUR, KINDS

EVERYWHERE = ("glusterfs/glusterd", "glusterfs/copies", "glusterfs/healer", "bind/resolver", "host/disk", "host/memory")
MAIL = (
    "mariadb/database", "storage/mail store", "dovecot/imap", "dovecot/lmtp", "postfix/smtp", "postfix/submission-587",
    "postfix/queue", "amavis/filter", "clamav/daemon", "clamav/signatures", "roundcube/webmail", "web/administration",
    "queue/queue-control", "certificates/certificate", "host/mail-disk", "host/copy-disk",
)
STORAGE = ("garbd/database vote", "accounts_backup/accounts backup", "prometheus/prometheus")
SAYS = {
    "mariadb/database": "Synced", "storage/mail store": "written and read", "certificates/certificate": "812 days left",
    "accounts_backup/accounts backup": "7 h old", "host/disk": "/ 31.0 GiB free", "glusterfs/copies": "",
}
NOT_VITAL = {"glusterfs", "clamav", "certificates", "web", "queue", "accounts_backup", "prometheus", "garbd"}


def _figures(node: str, name: str) -> dict[str, Any]:
    return {
        "host/disk": {"disk_free_ratio": {"/": 0.62, "/var": 0.62}, "inodes_free_ratio": {"/": 0.91, "/var": 0.91}},
        "host/mail-disk": {"disk_free_ratio": {"/srv/mail": 0.48}},
        "host/copy-disk": {"disk_free_ratio": {"/srv/relevo/brick": 0.48}},
        "postfix/queue": {"queue_messages": {node: 3.0 if node == "mail01" else 0.0}},
        "glusterfs/copies": {"files_behind": {"": 0.0}},
        "certificates/certificate": {"certificate_days": {"": 812.3}},
    }.get(name, {})


def probe(node: str, name: str, **changes: Any) -> dict[str, Any]:
    service = name.partition("/")[0]
    vital = service not in NOT_VITAL and name not in {"postfix/queue", "host/mail-disk", "host/copy-disk"}
    said = {
        "name": name, "service": service, "vital": vital, "good": True, "since": 7200.0, "age": 0.4, "succeeded": 0.4,
        "took": 0.004, "text": SAYS.get(name, "answers"),
    }
    figures = _figures(node, name)
    return {**said, **({"figures": figures} if figures else {}), **changes}


def view(node: str, **changes: Any) -> dict[str, Any]:
    """Return what the agent of a machine says; `ill`: a vital probe there that fails, by its name."""
    mail, ill = node.startswith("mail"), changes.pop("ill", "")
    names = (*EVERYWHERE, *(MAIL if mail else STORAGE))
    probes = [probe(node, name, **({"good": False, "since": 12.0, "text": "no answer in time"} if name == ill else {}))
              for name in names]
    now = time.time()
    moves = [{"at": now - 7200, "event": "took", "why": "well"}] if node == "mail01" else [
        {"at": now - 7200.4, "event": "demoted", "why": "dovecot/imap: no answer in time"}] if mail else []
    return {
        "node": node, "time": now, "started": 90_000.0, "up": 95_000.0, "holder": node == "mail01",
        "holder_since": 7200.0 if node == "mail01" else None, "weight": 205 if node == "mail01" else 180,
        "why": [f"{ill}: no answer in time"] if ill else ["well"], "seen": True, "drained": False,
        "keepalived": "active" if mail else "", "probes": probes, "moves": moves,
        "guard": {"open": node == "mail01", "cut": [], "adopts": "", "why": ""}, "took": {"last": None, "day": 0},
        "faults": [{"probe": ill, "service": ill.partition("/")[0], "why": "no answer in time", "local": True}]
        if ill else [], **changes,
    }


def whole(silent: dict[str, float | None] | None = None, **views: dict[str, Any]) -> dict[str, Any]:
    """Return the whole view of mail01; machines that are `silent` were heard so many seconds ago, None: never."""
    silent = silent or {}
    peers = {
        node: {"age": silent.get(node, 0.1), "view_age": silent.get(node, 0.3),
               "view": None if silent.get(node, 0.1) is None else views.get(node) or view(node)}
        for node in ("mail02", "storage01")
    }
    return {"own": {**(views.get("mail01") or view("mail01")), "history": []}, "peers": peers}


def flows(now: float | None = None, **troubles: str) -> list[dict[str, Any]]:
    """Return what both mail nodes have counted in the last day; a node with a trouble was last heard 40 s ago."""
    newest = int(now or time.time()) // HOUR * HOUR
    found = []
    for node, share in (("mail01", 3), ("mail02", 1)):
        hours = [[newest - ago * HOUR, *(share * (24 - ago) // part for part in (1, 1, 8, 4))] for ago in range(20)]
        trouble = troubles.get(node, "")
        age = 40.0 if trouble else 0.0
        found.append({"at": node, "age": age, "error": trouble, "hours": hours, "totals": dict.fromkeys(KINDS, 1)})
    return found

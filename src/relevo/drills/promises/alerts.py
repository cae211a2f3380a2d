"""Who is to be told learns of a failure, in words, and learns that it is over.

Given one more way to people, a web server on the storage machine that notes what it is sent,
when a service of the standby dies and can't start, and later can again,
then within two minutes the alert that names the node has arrived there, and after the mending that it is over.
"""

from __future__ import annotations

import json
from typing import Any

from relevo.cluster.wires import NOTIFY_URLS, RELEVO_PYTHON
from relevo.drills.drill import Drill
from relevo.drills.nodes import Damage, Node
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import NotHere
from relevo.i18n import _

UNIT = "dovecot"
TOLD_SECONDS, OVER_SECONDS = 120.0, 240.0  # the rule wants a minute; Alertmanager tells news of a group once a minute
_PORT = 9129
_SINK, _GOT, _SAVED = "relevo-drill-sink", "/run/relevo-drill-sink.jsonl", "/run/relevo-drill-notify.urls"
_CODE = f"""
import http.server
class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open("{_GOT}", "ab") as out:
            out.write(body.replace(b"\\n", b" ") + b"\\n")
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", {_PORT}), Sink).serve_forever()
"""
_MEND = f"""
systemctl stop {_SINK} || true
if [ -e {_SAVED} ]; then cp -p {_SAVED} {NOTIFY_URLS} && systemctl restart relevo-notify && rm {_SAVED}; fi
rm -f {_GOT}
"""
_LISTEN = f"""
rm -f {_GOT}
[ -e {_SAVED} ] || cp -p {NOTIFY_URLS} {_SAVED}
echo json://127.0.0.1:{_PORT}/drill >> {NOTIFY_URLS}
systemctl restart relevo-notify
"""


def run(world: World) -> None:
    """Break a service of the standby, and read what people would."""
    if not world.cluster.alerts.enabled:
        raise NotHere(_("nobody is told here: alerts.enabled is false"))
    storage, standby = world.storage_node, world.standby
    storage.damages.append(Damage(lambda: storage.run("sh", "-ec", _MEND), lasts=True))
    storage.run("systemd-run", "--quiet", "--collect", f"--unit={_SINK}", RELEVO_PYTHON, "-c", _CODE)
    storage.run("sh", "-ec", _LISTEN)
    _arrives(world, standby)
    standby.restore()
    _ends(world, standby)


def _arrives(world: World, victim: Node) -> None:
    with world.checking(
        _("people learn that a service fails"),
        tried=_("{unit} on {node} is killed, and each start of it fails").format(unit=UNIT, node=victim.name),
        expected=_("an alert that names {node}, within {seconds:g} s").format(node=victim.name, seconds=TOLD_SECONDS),
    ) as check:
        victim.crash_loop(UNIT)
        told = eventually(
            lambda: _told(world, victim, over=False), within=TOLD_SECONDS, every=2.0,
            what=_("an alert of ServiceFailing"),
        )
        check.saw(str(told["title"]), good=True)


def _ends(world: World, victim: Node) -> None:
    with world.checking(
        _("people learn that it is over"), tried=_("{unit} on {node} starts again").format(unit=UNIT, node=victim.name),
        expected=_("a message of that, within {seconds:g} s").format(seconds=OVER_SECONDS),
    ) as check:
        told = eventually(
            lambda: _told(world, victim, over=True), within=OVER_SECONDS, what=_("the end of the alert"), every=2.0,
        )
        check.saw(str(told["title"]), good=True)


def _told(world: World, victim: Node, *, over: bool) -> dict[str, Any] | None:
    """Return the first message about the service on that node, of its failing or of its end."""
    text = world.storage_node.run("sh", "-c", f"cat {_GOT} 2>/dev/null || true")
    found = (json.loads(line) for line in text.splitlines() if line.strip())
    return next((
        said for said in found
        if f"{UNIT}/" in said["message"] and victim.name in said["message"] and (said["type"] == "success") is over
    ), None)


DRILL = Drill(
    "alerts", _("Who is to be told learns of it"),
    _("A service that fails is told to people in words, over the ways they named, and so is its end."), run, long=True,
)

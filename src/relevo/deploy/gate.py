"""Between two waves: the node that was just changed must be well before the next one is touched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from relevo.cluster.model import Node
from relevo.cluster.wires import ASK_AGENT
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.deploy.ssh import Ssh
from relevo.errors import NodeError
from relevo.i18n import _

WELL_SECONDS = 90.0


def wait_until_well(ssh: Ssh, nodes: Sequence[Node], service: str) -> None:
    """Wait until the agents there find all vital probes good; raise NodeError, so that the apply stops, if not."""
    for node in nodes:
        try:
            wait_until(partial(_well, ssh, node), within=WELL_SECONDS, every=0.5, what=_("all vital probes to be good"))
        except CommandFailed as error:
            text = _("after {service} was changed it did not become well; the other nodes were not touched. {error}")
            raise NodeError(node.name, text.format(service=service, error=error)) from None


def _well(ssh: Ssh, node: Node) -> bool:
    view = json.loads(ssh.run(node, [*ASK_AGENT], within=15))
    if bad := [probe["name"] for probe in view["own"]["probes"] if probe["vital"] and not probe["good"]]:
        raise CommandFailed(_("bad now: {probes}").format(probes=", ".join(sorted(bad))))
    return True

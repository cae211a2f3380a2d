"""The DKIM keys of the platform's domains, which a mail node knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from relevo.cluster.model import Cluster
from relevo.cluster.pki import dkim_public_key
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import RELEVO_COMMAND, SECRETS_FILE
from relevo.deploy.shell import CommandFailed
from relevo.deploy.shell import run as run_here
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.operate.active import active_node
from relevo.records.mail import PublicKey

Keys = Mapping[str, Sequence[PublicKey]]
_LIST = [RELEVO_COMMAND, "dkim", "list", "--format", "json"]
_SECONDS = 30


def first_key(cluster: Cluster, secrets: Secrets) -> PublicKey:
    """Return the key with which a new platform begins to sign."""
    return PublicKey(cluster.dns.dkim_selector, dkim_public_key(secrets.reveal("dkim_key")))


def published(cluster: Cluster, folder: Path) -> Keys:
    """Return all keys that are to be published, as the node that holds the virtual IP knows them.

    Raises:
        RelevoError: it can't be asked: there is no platform yet, or it does not answer.
    """
    if Path(SECRETS_FILE).exists():
        return parse(run_here(_LIST, within=_SECONDS))
    with Ssh(cluster, folder) as ssh:
        return parse(ssh.run(active_node(cluster, ssh), _LIST, within=_SECONDS))


def parse(text: str) -> Keys:
    """Return the keys out of what `relevo dkim list --format json` says; raise RelevoError when it is nothing of it."""
    found: dict[str, list[PublicKey]] = {}
    try:
        for told in json.loads(text):
            own = found.setdefault(told["domain"], [])
            own += [PublicKey(told["selector"], told["public"])] if told["needed"] else []
    except (ValueError, LookupError, TypeError):
        said = _("`{command}` said {said!r}").format(command=" ".join(_LIST), said=text[:60])
        raise CommandFailed(said) from None
    return found


def without_platform(domains: Sequence[str], cluster: Cluster, secrets: Secrets, error: RelevoError) -> Keys:
    """Return the keys when no node can be asked: the first domain's is among the secrets; others' raise the error."""
    if set(domains) - {cluster.domain}:
        raise error
    return {cluster.domain: (first_key(cluster, secrets),)}

"""The platform's own certificate, made anew by the platform's own CA before it ends, or when it lacks a name.

Clients trust the CA, which stays; so nobody has to do anything when the server's certificate is another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from relevo.cluster.model import Cluster
from relevo.cluster.pki import certificate_problems, days_left, make_server_certificate, names_of
from relevo.cluster.secrets import Secrets, server_addresses, server_names
from relevo.i18n import _

RENEW_DAYS = 30  # sooner than the probe of the certificate complains


@dataclass(frozen=True)
class Renewal:
    """All secrets with the new certificate, and a sentence on why there is one."""

    secrets: Secrets
    why: str


def renewal(secrets: Secrets, cluster: Cluster, *, now: datetime | None = None) -> Renewal | None:
    """Return the secrets with a new certificate, None when the one they have is good for longer, or is not ours."""
    if cluster.certificates.source != "internal" or not secrets.reveal("ca_key"):
        return None
    why = _why(secrets, cluster, now)
    if not why:
        return None
    ca = secrets.reveal("ca_key"), secrets.reveal("ca_certificate")
    key, certificate = make_server_certificate(*ca, names=server_names(cluster), addresses=server_addresses(cluster))
    made = secrets.model_copy(update={"tls_key": SecretStr(key), "tls_certificate": SecretStr(certificate)})
    return Renewal(made, why)


def _why(secrets: Secrets, cluster: Cluster, now: datetime | None) -> str:
    certificate = secrets.reveal("tls_certificate")
    if problems := certificate_problems(certificate, secrets.reveal("tls_key"), cluster.hostname, now=now):
        return problems[0]
    if lacking := sorted(set(server_names(cluster)) - set(names_of(certificate))):
        return _("it has no {names}").format(names=", ".join(lacking))
    days = days_left(certificate, now=now)
    return _("it ends in {days} days").format(days=days) if days < RENEW_DAYS else ""

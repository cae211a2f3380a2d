"""The secrets of a cluster: made once by `relevo init`, kept in a 0600 file, the same on every node that needs them.

No value is ever printed: each field is a SecretStr, whose text form is asterisks. What must be the same on both mail
nodes (DKIM key, webmail's session key, TLS key) is here for that reason.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets as random
import stat
import tomllib
from base64 import b64encode
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from relevo.cluster.model import Cluster
from relevo.cluster.pki import make_dkim_key, make_internal_ca, make_server_certificate
from relevo.cluster.wires import CLIENT_NAMES
from relevo.errors import ConfigurationError
from relevo.i18n import _

# What files from before lack, and which secret of theirs it is drawn from: one that nobody knows who must not know it.
_LATER = {
    "database_web": "django_key", "database_dkim": "database_admin", "database_amavis": "database_admin",
    "dkim_box_key": "database_admin", "quarantine_mailbox": "database_admin", "database_use": "database_admin",
}


class Secrets(BaseModel):
    """All secrets of one cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_admin: SecretStr
    database_postfix: SecretStr
    database_dovecot: SecretStr
    database_amavis: SecretStr
    database_roundcube: SecretStr
    database_web: SecretStr
    database_dkim: SecretStr
    database_use: SecretStr
    database_agent: SecretStr
    database_backup: SecretStr
    probe_mailbox: SecretStr  # password of the mailbox that the agent logs in to
    quarantine_mailbox: SecretStr  # password of the mailbox with copies of what was refused
    roundcube_des_key: SecretStr  # exactly 24 characters
    django_key: SecretStr
    tsig_key: SecretStr  # base64 of 32 bytes, hmac-sha256
    dkim_key: SecretStr  # PEM, RSA 2048: the first domain's first one; those after it are in the database
    dkim_box_key: SecretStr  # opens the DKIM keys that are in the database; the administration on the web has the lock
    ca_key: SecretStr  # PEM of the internal CA; empty with certificates.source = "files"
    ca_certificate: SecretStr
    tls_key: SecretStr
    tls_certificate: SecretStr  # PEM, the server's certificate first
    agent_token: SecretStr  # the agents know each other by it
    notify_urls: SecretStr = SecretStr("")  # to whom alerts are sent: the operator's notify.urls (`relevo.alerts.ways`)

    def reveal(self, name: str) -> str:
        """Return the plain value of one secret, for a file that must hold it."""
        value = getattr(self, name)
        if not isinstance(value, SecretStr):
            raise TypeError(name)
        return value.get_secret_value()

    def for_nodes(self) -> Secrets:
        """Return them without what no node needs: the CA's key stays with the operator."""
        return self.model_copy(update={"ca_key": SecretStr("")})


def generate(cluster: Cluster) -> Secrets:
    """Make new secrets for a cluster, with an internal CA and a certificate for its host name."""
    ca_key, ca_certificate = make_internal_ca(cluster.cluster.name)
    tls_key, tls_certificate = make_server_certificate(
        ca_key, ca_certificate, names=server_names(cluster), addresses=server_addresses(cluster)
    )
    plain = {
        "database_admin": _password(),
        "database_postfix": _password(),
        "database_dovecot": _password(),
        "database_amavis": _password(),
        "database_roundcube": _password(),
        "database_web": _password(),
        "database_dkim": _password(),
        "database_use": _password(),
        "database_agent": _password(),
        "database_backup": _password(),
        "probe_mailbox": _password(),
        "quarantine_mailbox": _password(),
        "roundcube_des_key": random.token_hex(12),
        "django_key": random.token_urlsafe(50),
        "tsig_key": _base64_key(),
        "dkim_key": make_dkim_key(),
        "dkim_box_key": _password(),
        "ca_key": ca_key,
        "ca_certificate": ca_certificate,
        "tls_key": tls_key,
        "tls_certificate": tls_certificate,
        "agent_token": _password(),
    }
    return Secrets.model_validate(plain)


def server_names(cluster: Cluster) -> tuple[str, ...]:
    """Return the names that the platform's own certificate has, the host name first."""
    return (
        cluster.hostname,
        *(f"{n.name}.{cluster.domain}" for n in cluster.mail_nodes),
        *(f"{name}.{cluster.domain}" for name in CLIENT_NAMES),
    )


def server_addresses(cluster: Cluster) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return the addresses that it has."""
    vip6 = (cluster.network.vip6.ip,) if cluster.network.vip6 else ()
    return (cluster.network.vip, *vip6, *(n.address for n in cluster.mail_nodes))


def write(secrets: Secrets, path: Path) -> None:
    """Write the secrets file, 0600 from its first byte, and replace an old one in one step."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(to_toml(secrets))
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)


def to_toml(secrets: Secrets) -> str:
    """Return the text of the secrets file."""
    lines = ["# Secrets of this cluster. Keep it safe, never in version control: it opens every mailbox.", ""]
    names = (name for name, field in Secrets.model_fields.items() if field.is_required() or secrets.reveal(name))
    lines += [f"{name} = '''{secrets.reveal(name)}'''" for name in names]
    return "\n".join(lines) + "\n"


def parse(text: str, name: str) -> Secrets:
    """Read the text of a secrets file; `name` is what errors call it."""
    try:
        return Secrets.model_validate(_with_later_ones(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        text = _("{name} is damaged ({error}): restore it from your copy or from a node")
        raise ConfigurationError(text.format(name=name, error=error)) from None
    except ValidationError as error:
        wrong = ", ".join(
            str(mistake["loc"][0]) for mistake in error.errors(include_input=False, include_context=False)
        )
        text = _("{name}: these entries are missing or unknown: {wrong}")
        raise ConfigurationError(text.format(name=name, wrong=wrong)) from None


def _with_later_ones(given: dict[str, object]) -> dict[str, object]:
    """Add what a file from before lacks: drawn from a secret that it has, so that every machine finds the same."""
    drawn = {
        name: hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()
        for name, source in _LATER.items() if isinstance(key := given.get(source), str)
    }
    return {**drawn, **given}


def read(path: Path) -> Secrets:
    """Read the secrets file; raise ConfigurationError when it is missing, open to others, or damaged."""
    if not path.exists():
        text = _("{path} is missing: `relevo init` makes it; for a cluster that runs, copy it from a node ({name})")
        raise ConfigurationError(text.format(path=path, name=path.name))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationError(_("{path} can be read by others: run `chmod 600 {path}`").format(path=path))
    return parse(path.read_text(encoding="utf-8"), str(path))


def _password() -> str:
    return random.token_urlsafe(24)


def _base64_key() -> str:
    return b64encode(random.token_bytes(32)).decode()

"""Where the platform's certificate lies, beside the paths in `wires`, and who may read its key."""

from __future__ import annotations

from relevo.services.base import Context

KEY_GROUP = "ssl-cert"  # Debian's group for what reads TLS keys without being root
TRUST_FILE = "/usr/local/share/ca-certificates/relevo.crt"  # update-ca-certificates(8) takes what is here
TRUST_LINK = "/etc/ssl/certs/relevo.pem"  # what it makes of that file
TRUST_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"  # all that this machine trusts, in one file


def own_ca(ctx: Context) -> str:
    """Return the CA (PEM) that signed our certificate; empty when it came as files, from a public one."""
    return ctx.secrets.reveal("ca_certificate") if ctx.cluster.certificates.source == "internal" else ""


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("ca-certificates", "openssl", "ssl-cert")

"""The certificate, its key and the CA as files: the same on every machine of the cluster."""

from __future__ import annotations

from relevo.cluster.wires import TLS_CA, TLS_CERTIFICATE, TLS_KEY
from relevo.services.base import Context, File
from relevo.services.certificates.settings import KEY_GROUP, TRUST_FILE, own_ca


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; those of the CA only where there is one of our own (see README.md)."""
    files = [
        File(TLS_KEY, ctx.secrets.reveal("tls_key"), mode=0o640, group=KEY_GROUP, secret=True),
        File(TLS_CERTIFICATE, ctx.secrets.reveal("tls_certificate")),
    ]
    if ca := own_ca(ctx):
        files += [File(TLS_CA, ca), File(TRUST_FILE, ca)]
    return tuple(files)

"""TLS as a careful client does it: to the virtual IP, with the certificate checked against the platform's name."""

from __future__ import annotations

import ssl
import warnings
from typing import Any

from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets


class NamedContext(ssl.SSLContext):
    """A TLS context that always asks for, and checks, one host name, whatever address the client connected to."""

    name = ""

    def wrap_socket(self, sock: Any, **options: Any) -> ssl.SSLSocket:  # type: ignore[override]  # noqa: ANN401 - as in ssl
        """Wrap a socket under our name in place of the caller's."""
        options["server_hostname"] = self.name
        return super().wrap_socket(sock, **options)


def authorities(cluster: Cluster, secrets: Secrets) -> str | None:
    """Return the PEM text of the CA that signed the platform's certificate, None for the public ones."""
    internal = cluster.certificates.source == "internal"
    return secrets.reveal("ca_certificate") if internal else None


def careful(cluster: Cluster, secrets: Secrets) -> NamedContext:
    """Return a context that verifies chain and name, TLS 1.2 or newer."""
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = cluster.hostname
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pem := authorities(cluster, secrets):
        context.load_verify_locations(cadata=pem)
    else:
        context.load_default_certs()
    return context


def outdated(version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a context that speaks only an old version, with all that today's OpenSSL leaves out switched on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the very point
        context.minimum_version = version
        context.maximum_version = version
    return context

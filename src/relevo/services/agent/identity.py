"""The key and certificate that all agents of a cluster share: derived from one secret, the same whenever it is made.

Ed25519 (RFC 8032) takes any 32 bytes as a key and signs without randomness, so rendering stays pure.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_END = datetime(9999, 12, 31, tzinfo=UTC)  # it ends when the secret is changed (RFC 5280, section 4.1.2.5)


def make(token: str) -> str:
    """Return key and self-signed certificate (PEM) of the cluster that has this secret."""
    key = Ed25519PrivateKey.from_private_bytes(sha256(b"relevo-agent\0" + token.encode()).digest())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relevo-agent")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    return pem.decode()

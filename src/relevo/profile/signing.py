"""The signature: CMS with the profile inside (RFC 5652), by the key of the server's certificate.

Always with signed attributes: what is signed then begins otherwise than anything that TLS signs, so that nobody who
asks for profiles gets a signature that is good for a connection.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7


class NotSigned(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """It can't be signed, and why."""


def sign(profile: bytes, certificate: str, key: str, *, now: datetime | None = None) -> bytes:
    """Return a profile as devices take it, DER; raise NotSigned.

    Args:
        profile: the XML.
        certificate: PEM, the server's first, then the intermediate ones.
        key: PEM, without a password.
        now: the time to judge by, the present when None.
    """
    try:
        chain = x509.load_pem_x509_certificates(certificate.encode())
        private = serialization.load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        raise NotSigned("the certificate or its key can't be read") from None
    if chain[0].not_valid_after_utc < (now or datetime.now(UTC)):
        raise NotSigned(f"the certificate is over since {chain[0].not_valid_after_utc:%Y-%m-%d}")
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise NotSigned("the certificate's key is of a kind that devices don't verify: RSA and ECDSA are known to them")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(profile).add_signer(chain[0], private, hashes.SHA256())
    for issuer in chain[1:]:
        builder = builder.add_certificate(issuer)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])

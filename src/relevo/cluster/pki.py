"""Keys and certificates, as PEM text in and out.

Those that `relevo init` makes (an internal CA, the server's certificate, a DKIM key), and what must be true of a
server's certificate whoever made it. Nothing here reads or writes a file.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from relevo.i18n import _

CA_DAYS = 3650
SERVER_DAYS = 825  # what Apple's clients accept at most
_SERVER_USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
_RSA_BITS = 2048  # OpenSSL's security level 2, Debian's default, refuses shorter ones


def make_internal_ca(cluster_name: str) -> tuple[str, str]:
    """Return key and certificate (PEM) of a new CA, valid for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Relevo CA of {cluster_name}")])
    certificate = (
        _builder(name, name, key, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _key_pem(key), _certificate_pem(certificate)


def make_server_certificate(
    ca_key: str, ca_certificate: str, names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address]
) -> tuple[str, str]:
    """Return key and certificate (PEM) of a server, signed by the CA, for all names and addresses given."""
    issuer = x509.load_pem_x509_certificate(ca_certificate.encode())
    signer = serialization.load_pem_private_key(ca_key.encode(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the internal CA has an elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives = [*(x509.DNSName(name) for name in names), *(x509.IPAddress(address) for address in addresses)]
    certificate = (
        _builder(subject, issuer.subject, key, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_SERVER_USES), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return _key_pem(key), _certificate_pem(certificate)


def make_dkim_key() -> str:
    """Return a new RSA key of 2048 bits (PEM): the size that every receiver verifies (RFC 8301)."""
    return _key_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def dkim_public_key(private_pem: str) -> str:
    """Return the `p=` of a DKIM record (RFC 6376 section 3.6.1): the public key, DER, base64."""
    public = serialization.load_pem_private_key(private_pem.encode(), password=None).public_key()
    return b64encode(_public_bytes(public)).decode()


def certificate_problems(certificate: str, key: str, hostname: str, *, now: datetime | None = None) -> tuple[str, ...]:
    """Return what is wrong with a server's certificate and key, a sentence each with what to do.

    Args:
        certificate: PEM, the server's certificate first, then the intermediate ones.
        key: PEM, without a password.
        hostname: the name that clients connect to; one of the alternative names must cover it (RFC 9525).
        now: the time to judge by, the present when None.
    """
    try:
        leaf = x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        return (_("the certificate can't be read: give a PEM file that begins with the server's certificate"),)
    private = _private_key(key)
    if isinstance(private, str):
        return (private,)
    problems = (_validity(leaf, now or datetime.now(UTC)), _ownership(leaf, private), _coverage(leaf, hostname))
    return tuple(problem for problem in problems if problem)


def days_left(certificate: str, *, now: datetime | None = None) -> int:
    """Return the whole days until the first certificate of a PEM text expires, negative when it has.

    Raises:
        ValueError: the text holds no certificate.
    """
    leaf = x509.load_pem_x509_certificates(certificate.encode())[0]
    return (leaf.not_valid_after_utc - (now or datetime.now(UTC))).days


def covers(names: Sequence[str], hostname: str) -> bool:
    """Tell whether a certificate's DNS names include a host: `*.` stands for exactly one label (RFC 9525)."""
    host = hostname.lower().rstrip(".")
    parent = host.partition(".")[2]
    return any(name.lower() in {host, f"*.{parent}"} for name in names)


def names_of(certificate: str) -> tuple[str, ...]:
    """Return the DNS names of the first certificate of a PEM text; raises ValueError when it holds none."""
    return _names(x509.load_pem_x509_certificates(certificate.encode())[0])


def _private_key(key: str) -> PrivateKeyTypes | str:
    """Return the key, or a sentence on why it can't be used."""
    try:
        return serialization.load_pem_private_key(key.encode(), password=None)
    except TypeError:
        return _("the key is protected by a password, which nobody can type when a node starts: store it without one")
    except (ValueError, UnsupportedAlgorithm):
        return _("the key can't be read: give the certificate's private key as a PEM file")


def _validity(leaf: x509.Certificate, now: datetime) -> str:
    if now > leaf.not_valid_after_utc:
        return _("the certificate expired on {date:%Y-%m-%d}: replace it").format(date=leaf.not_valid_after_utc)
    if now < leaf.not_valid_before_utc:
        text = _("the certificate is valid only from {date:%Y-%m-%d %H:%M} UTC: check this clock")
        return text.format(date=leaf.not_valid_before_utc)
    return ""


def _ownership(leaf: x509.Certificate, key: PrivateKeyTypes) -> str:
    if _public_bytes(leaf.public_key()) != _public_bytes(key.public_key()):
        return _("key and certificate don't belong together: the server's certificate must be the first in its file")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _RSA_BITS:
        text = _("the key has {bits} bits, OpenSSL refuses RSA below {least}: make a new one")
        return text.format(bits=key.key_size, least=_RSA_BITS)
    return ""


def _coverage(leaf: x509.Certificate, hostname: str) -> str:
    names = _names(leaf)
    if covers(names, hostname):
        return ""
    have = ", ".join(names) or _("no host name")
    text = _("the certificate is for {have}, not for {hostname}: get one that has this name")
    return text.format(have=have, hostname=hostname)


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(extension.value.get_values_for_type(x509.DNSName))


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(hours=1)  # clocks of clients may be a little behind
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()

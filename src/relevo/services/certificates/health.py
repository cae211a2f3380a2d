"""What the agent asks about the certificate: how long it is valid. Standard library only, so it reads DER itself."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from relevo.agent.probe import AgentConfig, Measured, Probe, ProbeFailed

_WARN_DAYS = 14  # fewer before the end, and the probe fails
_DAY = 86400
_LONG_FORM = 0x80  # of a DER length: the low bits say how many bytes hold it
_VERSION_TAG = 0xA0
_UTC_TIME = 0x17
_END = "-----END CERTIFICATE-----"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes: one, not vital, since the other node has the same certificate."""
    path = config["tls_certificate"]
    return (Probe("certificate", "certificates", lambda _: _days_left(path), vital=False, every=3600, timeout=5),)


def expires_at(pem: str) -> float:
    """Return when the first certificate of a PEM text expires, in seconds since the epoch.

    Raises:
        ProbeFailed: the text does not begin with an X.509 certificate (RFC 5280, 4.1).
    """
    try:
        certificate = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN") : pem.index(_END) + len(_END)])
        outer = next(_elements(certificate))[1]
        fields = [entry for entry in _elements(next(_elements(outer))[1]) if entry[0] != _VERSION_TAG]
        _serial, _algorithm, _issuer, validity = fields[:4]
        _begin, (tag, end) = tuple(_elements(validity[1]))[:2]
        text = end.decode("ascii")
        return datetime.strptime(_century(text) if tag == _UTC_TIME else text, "%Y%m%d%H%M%SZ").replace(
            tzinfo=UTC
        ).timestamp()
    except (ValueError, IndexError, StopIteration):
        raise ProbeFailed("the certificate's file holds no certificate") from None


def _days_left(path: str) -> str:
    days = (expires_at(Path(path).read_text(encoding="ascii", errors="replace")) - time.time()) / _DAY
    figures = {"certificate_days": {"": round(days, 2)}}
    if days < 0:
        raise ProbeFailed(f"the certificate expired {-days:.0f} days ago", figures)
    if days < _WARN_DAYS:
        raise ProbeFailed(f"the certificate expires in {days:.0f} days", figures)
    return Measured(f"{days:.0f} days left", figures)


def _century(text: str) -> str:
    """Complete a year of two digits (RFC 5280, 4.1.2.5.1: 50 and above are of the last century)."""
    return f"{'19' if int(text[:2]) >= 50 else '20'}{text}"  # noqa: PLR2004 - the RFC's own number


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each DER element in a row."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & _LONG_FORM:
            size = length & ~_LONG_FORM
            length, at = int.from_bytes(data[at : at + size]), at + size
        yield tag, data[at : at + length]
        at += length

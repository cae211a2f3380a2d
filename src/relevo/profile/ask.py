"""Asking for a signed profile, from an account that can't read the key."""

from __future__ import annotations

import json
import socket
from base64 import b64decode
from dataclasses import asdict

from relevo.profile.building import Wanted
from relevo.profile.signing import NotSigned

_SECONDS = 10
_MOST = 1 << 20


def signed(wanted: Wanted | None, path: str) -> bytes:
    """Return a profile with its signature, nothing when only asked whether that can be; raise NotSigned."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_SECONDS)
            line.connect(path)
            line.sendall(json.dumps(asdict(wanted) if wanted else {}).encode() + b"\n")
            with line.makefile("rb") as answer:
                told = json.loads(answer.readline(_MOST))
        if "trouble" in told:
            raise NotSigned(str(told["trouble"]))
        return b64decode(told["signed"], validate=True)
    except (OSError, ValueError, LookupError, TypeError):  # nothing of the answer, which may hold a password
        raise NotSigned(f"nobody answers as expected at {path}") from None

"""A security key made of software, as strict as a real one: it answers for its own site only, and counts."""

from __future__ import annotations

import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

_PRESENT, _NEW = 0x01, 0x40


class SoftwareKey:
    def __init__(self, origin: str = "https://mail.example.org", hostname: str = "mail.example.org") -> None:
        self.origin, self.hostname, self.count = origin, hostname, 0
        self.id = os.urandom(32)
        self._private = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """Answer the question for a new key."""
        challenge = json.loads(options)["challenge"]
        numbers = self._private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(_PRESENT | _NEW) + credential}
        return self._answer(
            clientDataJSON=self._said("webauthn.create", challenge), attestationObject=encode_cbor(attestation)
        )

    def use(self, options: str, *, count: int | None = None) -> str:
        """Answer the question for a key that is known."""
        self.count = self.count + 1 if count is None else count
        data, said = self._data(_PRESENT), self._said("webauthn.get", json.loads(options)["challenge"])
        signature = self._private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.hostname.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps({
            "id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {},
            "response": {key: bytes_to_base64url(value) for key, value in response.items()},
        })

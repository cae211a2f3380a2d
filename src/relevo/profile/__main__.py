"""`python -m relevo.profile HOSTNAME`, started by systemd for each connection to the socket: a line in, a line out.

{"address": ..., "name": ..., "description": ..., "password": ...}     {"signed": base64}
{}                                                                     {"signed": ""}: it could sign
anything else                                                          {"trouble": why}
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from pathlib import Path

from relevo.profile.building import Wanted, build
from relevo.profile.signing import NotSigned, sign

LONGEST = 4096


def answer(line: str, hostname: str, certificate: str, key: str) -> dict[str, str]:
    """Return what is answered to a question."""
    try:
        told = json.loads(line)
        if told == {}:
            sign(b"", certificate, key)
            return {"signed": ""}
        wanted = Wanted(**told)
        wanted.require_plain()
        return {"signed": b64encode(sign(build(wanted, hostname), certificate, key)).decode()}
    except NotSigned as why:
        return {"trouble": str(why)}
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Nothing of the question, which may hold a password.
        return {"trouble": "none of what can be asked"}


def main() -> int:
    """Answer one question on stdin."""
    credentials = Path(os.environ["CREDENTIALS_DIRECTORY"])
    certificate, key = ((credentials / name).read_text(encoding="utf-8") for name in ("certificate.pem", "key.pem"))
    sys.stdout.write(json.dumps(answer(sys.stdin.readline(LONGEST), sys.argv[1], certificate, key)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Dovecot's side of a changed account: what only root may do, for who is root and, by a socket, for who is not.

`python -m relevo.directory.dovecot` is started by systemd for each connection to the socket: it reads a word and an
address, `flush ana@example.org`, `kick ana@example.org` or `prepare info@example.org`, and does nothing else. `@` and a
domain are all its accounts. Standard library only.
"""

from __future__ import annotations

import logging
import re
import shutil
import socket
import sys

from relevo.cluster.wires import FORGET_SOCKET
from relevo.deploy.shell import succeeds

_WITHIN = 5  # seconds; a Dovecot that is down has nothing to forget
_QUESTION = re.compile(r"(flush|kick|prepare) ((?:[a-z0-9_][a-z0-9._-]*)?@[a-z0-9][a-z0-9.-]*)\n")
_LONGEST = 400
_SERVER = "/run/dovecot/doveadm-server"  # does in the mail store what this process could not
_FOLDERS = ("INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive")


def forget(address: str, *, lost: bool) -> None:
    """Flush an account from Dovecot's auth cache, where there is a Dovecot; with `lost`, also end its sessions.

    Of a domain (`@example.org`) all accounts; the cache is flushed whole then, since it takes no pattern.
    """
    if not (doveadm := shutil.which("doveadm")):
        return
    whole = address.startswith("@")
    succeeds([doveadm, "auth", "cache", "flush", *([] if whole else [address])], within=_WITHIN)
    if lost:
        succeeds([doveadm, "kick", f"*{address}" if whole else address], within=_WITHIN)


def prepare(address: str) -> bool:
    """Make the folders of a shared mailbox, which nobody ever logs in to, and subscribe them for all its members."""
    if not (doveadm := shutil.which("doveadm")):
        return False
    whose = ("-S", _SERVER, "-u", address)
    succeeds([doveadm, "mailbox", "create", *whose, *_FOLDERS], within=_WITHIN)  # fails for those that are there
    return succeeds([doveadm, "mailbox", "subscribe", *whose, *_FOLDERS], within=_WITHIN)


def ask_root(address: str, *, lost: bool, path: str = FORGET_SOCKET) -> None:
    """Have root do the same, from an account that may not; the change itself stands, whatever comes of this."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2 * _WITHIN + 1)
            line.connect(path)
            line.sendall(f"{'kick' if lost else 'flush'} {address}\n".encode())
            reason = "" if line.recv(16) else "nobody answers"
    except OSError as error:
        reason = str(error)
    if reason:
        logging.getLogger("relevo.web").warning("Dovecot may still know %s as it was: %s", address, reason)


def main() -> int:
    """Answer one question on stdin."""
    match = _QUESTION.fullmatch(sys.stdin.readline(_LONGEST))
    if not match:
        return 1
    if match[1] == "prepare":
        done = prepare(match[2])
    else:
        forget(match[2], lost=match[1] == "kick")
        done = True
    sys.stdout.write("done\n" if done else "failed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""ManageSieve (RFC 5804) over a UNIX socket: log in, list, get, put, activate.

The libraries for it were looked at (docs/decisions/0010): none reaches a UNIX socket, and the better known one waits
for ever when the server hangs up.
"""

from __future__ import annotations

import base64
import re
import socket
import time
from types import TracebackType
from typing import Self

from relevo.errors import DirectoryError, UnavailableError
from relevo.i18n import _

SECONDS = 10.0  # from the first word to the last one: a server that says a little now and then is not waited for either
_MOST = 1 << 20  # bytes of an answer: scripts are smaller
_AS_IT_IS = "surrogateescape"  # bytes of another encoding come back as they were
_LITERAL = re.compile(rb"\{(\d{1,7})\+?\}\r\n")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\.)*)"')


class Client:
    """A connection to ManageSieve, logged in; a context manager.

    Raises:
        UnavailableError: nobody answers, or not as agreed.
        DirectoryError: a script is refused; with what the server says of it.
    """

    def __init__(self, path: str, user: str, password: str, within: float = SECONDS) -> None:
        self._path, self._user, self._password = path, user, password
        self._within, self._until = within, 0.0
        self._line: socket.socket | None = None
        self._read = b""

    def __enter__(self) -> Self:
        self._until = time.monotonic() + self._within
        self._line = socket.socket(socket.AF_UNIX)
        try:
            self._log_in()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._close()

    def scripts(self) -> dict[str, bool]:
        """Return the names of the scripts, and whether each is the active one."""
        found = self._well(b"LISTSCRIPTS")
        return {texts[0].decode(errors=_AS_IT_IS): rest.upper() == b"ACTIVE" for texts, rest in found}

    def get(self, name: str) -> str:
        """Return a script."""
        found = self._well(b"GETSCRIPT " + _quoted(name))
        return found[0][0][0].decode(errors=_AS_IT_IS) if found else ""

    def put(self, name: str, script: str) -> None:
        """Store a script that the server has found good."""
        text = script.encode(errors=_AS_IT_IS)
        self._well(b"PUTSCRIPT " + _quoted(name) + b" {%d+}\r\n" % len(text) + text)

    def activate(self, name: str) -> None:
        """Make a script the one that runs."""
        self._well(b"SETACTIVE " + _quoted(name))

    def _log_in(self) -> None:
        try:
            self._socket().connect(self._path)
        except OSError as error:
            raise _silent(error.strerror or "") from None
        self._answer()
        secret = base64.b64encode(f"\0{self._user}\0{self._password}".encode())
        self._well(b'AUTHENTICATE "PLAIN" "%s"' % secret)

    def _well(self, command: bytes) -> list[tuple[list[bytes], bytes]]:
        """Send a command; return its answer's lines, raise what a refusal says."""
        try:
            self._socket().sendall(command + b"\r\n")
        except OSError as error:
            raise _silent(error.strerror or "") from None
        verdict, lines = self._answer()
        if verdict != b"OK":
            texts, _rest = lines[-1]
            said = texts[0].decode(errors="replace") if texts else ""
            raise DirectoryError(_("the mail filters can't be changed: {reason}").format(reason=" ".join(said.split())))
        return lines[:-1]

    def _answer(self) -> tuple[bytes, list[tuple[list[bytes], bytes]]]:
        """Return OK, NO or BYE, and all lines, the last of which has it: their texts, and what else stands there."""
        lines = []
        while True:
            lines.append(self._one_line())
            verdict = lines[-1][1].split(b" ")[0].upper()
            if verdict in {b"OK", b"NO", b"BYE"}:
                return verdict, lines

    def _one_line(self) -> tuple[list[bytes], bytes]:
        texts, rest = [], b""
        while True:
            line = self._up_to_line_end()
            quoted = [re.sub(rb"\\(.)", rb"\1", text) for text in _QUOTED.findall(line)]
            rest += _LITERAL.sub(b"", _QUOTED.sub(b"", line))
            texts += quoted
            if not (literal := _LITERAL.search(_QUOTED.sub(b"", line))):
                return texts, rest.strip()
            texts.append(self._bytes(int(literal[1])))

    def _up_to_line_end(self) -> bytes:
        while b"\r\n" not in self._read:
            self._more()
        line, end, self._read = self._read.partition(b"\r\n")
        return line + end

    def _bytes(self, count: int) -> bytes:
        while len(self._read) < count:
            self._more()
        found, self._read = self._read[:count], self._read[count:]
        return found

    def _more(self) -> None:
        try:
            got = self._socket().recv(65536)
        except OSError as error:
            raise _silent(error.strerror or _("no answer in time")) from None
        if not got or len(self._read) > _MOST:
            raise _silent(_("it hung up"))
        self._read += got

    def _close(self) -> None:
        if self._line:
            self._line.close()

    def _socket(self) -> socket.socket:
        """Return the connection, which waits no longer than there is time."""
        left = self._until - time.monotonic()
        if not self._line or left <= 0:
            raise _silent(_("no answer in time"))
        self._line.settimeout(left)
        return self._line


def _quoted(name: str) -> bytes:
    return b'"' + re.sub(rb'(["\\])', rb"\\\1", name.encode(errors=_AS_IT_IS)) + b'"'


def _silent(reason: str) -> UnavailableError:
    return UnavailableError(
        _("the mail filters can't be reached now ({reason}): try again in a few seconds").format(reason=reason)
    )

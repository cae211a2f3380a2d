"""What the agent asks the webmail: its login page, which takes nginx, PHP, Roundcube and the database to make.

The session that Roundcube gives is kept from one probe to the next, as a browser does: a new one each time would be two
writes a second into the replicated database, and a write stalls when the other node dies, just when it matters.
"""

from __future__ import annotations

import re

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed, loopback_tls

_HTTPS = ("127.0.0.1", 443)
_LOGIN_FORM = b'name="_user"'
_SESSION = re.compile(rb"^Set-Cookie: (roundcube_sessid=[\w-]+)", re.MULTILINE | re.IGNORECASE)


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    page = LoginPage(config["hostname"])
    return (
        Probe(
            "webmail", "roundcube", page.check, unit=config["fpm_unit"], every=1, timeout=2,
            stands_on=("mariadb", "nginx"),
        ),
    )


class LoginPage:
    """The login page as one browser sees it, again and again."""

    def __init__(self, hostname: str) -> None:
        self._hostname = hostname
        self._cookie = ""

    def check(self, deadline: Deadline) -> str:
        """Ask for the page; raise ProbeFailed when it is not the login form."""
        with Conversation(_HTTPS, deadline, loopback_tls()) as connection:
            connection.send(self._request())
            answer = connection.read_until_closed()
        status, _, rest = answer.partition(b"\r\n")
        if b" 200 " not in status:
            raise ProbeFailed(f"the webmail answers {status[:80].decode(errors='replace')!r}")
        if _LOGIN_FORM not in rest:
            raise ProbeFailed("the webmail's page has no login form: `journalctl -t roundcube` says why")
        if found := _SESSION.search(rest):
            self._cookie = found[1].decode()
        return "login form"

    def _request(self) -> str:
        lines = ["GET / HTTP/1.0", f"Host: {self._hostname}", "User-Agent: relevo-agent"]
        return "\r\n".join([*lines, *([f"Cookie: {self._cookie}"] if self._cookie else []), ""])

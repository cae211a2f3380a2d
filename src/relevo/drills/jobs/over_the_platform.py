"""A real platform as the place where jobs are done, reached by its virtual IP, as browsers and mail programs do."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPSConnection

from relevo.drills import losing
from relevo.drills.accounts import Account
from relevo.drills.jobs.place import SECONDS
from relevo.drills.letters import letter
from relevo.drills.mail import SUBMISSIONS_PORT
from relevo.drills.mailbox import logs_in
from relevo.drills.tidy import removed
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE
from relevo.drills.whereabouts import delivered
from relevo.errors import DrillError
from relevo.i18n import _

_ARRIVAL_SECONDS = 30.0
_RELEASE_SECONDS = 60.0
_SCRIPT = "webmail"  # as the portal and the webmail call what they make


class OverThePlatform:
    """The platform of a world."""

    has_mail = True

    def __init__(self, world: World) -> None:
        self._world = world
        self.base = f"https://{world.cluster.hostname}"

    def connection(self) -> HTTPConnection:
        """Return a connection to the virtual IP."""
        return HTTPSConnection(self._world.cluster.vip, timeout=SECONDS, context=self._world.tls())

    def relevo(self, words: Sequence[str], stdin: str = "") -> str:
        """Run a command on the active node."""
        return self._world.relevo(words, stdin or None)

    def opens(self, account: Account, service: str = "imap") -> bool:
        """Log in by IMAP, POP3 or submission."""
        box = self._world.mailbox(account)
        if service == "imap":
            return logs_in(box)
        try:
            with box.pop3() if service == "pop3" else self._world.mail.session(SUBMISSIONS_PORT, account):
                return True
        except TROUBLE:
            return False

    def carries(self, address: str, reader: Account) -> bool:
        """Send it from outside, and read it by IMAP."""
        made = letter(self._world.stranger, address, "jobs")
        receipt = self._world.mail.send(made.raw, self._world.stranger, [address])
        if not receipt.answer.accepted:
            return False
        self._arrive(reader, made.token, _ARRIVAL_SECONDS)
        return True

    def turns_away(self, address: str) -> bool:
        """Send it from outside."""
        made = letter(self._world.stranger, address, "jobs")
        return self._world.mail.send(made.raw, self._world.stranger, [address]).answer.refused

    def make_wait(self, sender: str, recipient: str) -> None:
        """Hand it in on the active node, for a server that is not there."""
        made = letter(sender, "drill-waits@far.example", "waits")
        self._world.active.run("sendmail", "-f", sender, recipient, stdin=made.raw.decode())

    def make_refused(self, recipient: str) -> str:
        """Send it while its sender is blocked."""
        stranger, made = self._world.stranger, letter(self._world.stranger, recipient, "refused")
        rule = [stranger, "--for", recipient]
        with removed(self._world, [["sender", "remove", *rule]]):
            self._world.relevo(["sender", "block", *rule])
            answer = self._world.mail.send(made.raw, stranger, [recipient]).answer
        if not answer.refused:
            raise DrillError(_("mail of a blocked sender: {answer}").format(answer=answer))
        return made.token

    def make_held(self, address: str) -> str:
        """Send it from outside; it is taken."""
        made = letter(self._world.stranger, address, "held")
        answer = self._world.mail.send(made.raw, self._world.stranger, [address]).answer
        if not answer.accepted:
            raise DrillError(_("a post to a list that holds posts: {answer}").format(answer=answer))
        return made.token

    def has_released(self, recipient: Account, word: str) -> bool:
        """Look for it by IMAP."""
        return bool(self._world.mailbox(recipient).all(word))

    def await_released(self, recipient: Account, word: str) -> None:
        """Look for it by IMAP until it is there."""
        self._arrive(recipient, word, _RELEASE_SECONDS)

    def _arrive(self, reader: Account, token: str, within: float) -> None:
        what = _("the message {token} in the inbox of {address}").format(token=token, address=reader.address)
        delivered(self._world, token, lambda: self.has_released(reader, token), within=within, what=what)

    def leave_traces(self, reader: Account) -> str:
        """Send mail that arrives."""
        self.carries(reader.address, reader)
        return reader.address

    def script(self, address: str) -> str:
        """Ask Dovecot on the active node."""
        return self._world.active.run("doveadm", "sieve", "get", "-u", address, _SCRIPT)

    def fail_over(self) -> None:
        """Cut the power of the active node; outside a lab, have it hand over."""
        losing.lose(self._world, self._world.active)

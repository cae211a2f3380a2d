"""A steady stream of numbered messages while something breaks, sent as real clients do; and what of it arrived.

with Arrivals(boxes) as arrivals, Stream(doors(world), ledger, world.mail) as stream:
    stream.run_on(5); ...; stream.run_on(20)            # something breaks in between
    stream.finish(patience=60)                          # no new messages; what has no answer yet is sent again
account = settle(world, ledger, within=60)              # mailboxes, queues and bounces against the ledger
"""

from __future__ import annotations

import re
import smtplib
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, LifoQueue
from typing import Self

from relevo.drills.accounts import Account as User
from relevo.drills.ledger import Attempt, Ledger, Message, State, Way
from relevo.drills.letters import letter
from relevo.drills.mail import SMTP_PORT, SUBMISSION_PORT, Mail
from relevo.drills.vocabulary import World
from relevo.drills.waiting import describe
from relevo.drills.watch import CONNECT_SECONDS

ANSWER_SECONDS = 30.0  # how long a client waits for an answer
AGAIN_SECONDS = 1.0  # before a message whose fate is unknown is sent again
RECONNECT_SECONDS = 0.5  # before the next try where the server doesn't let us come to DATA
ARREARS_SECONDS = 1200.0  # so long at most what machines could not take when it was due is sent after the stream
SESSIONS = 10  # open at once through one door; Postfix allows one address 20
BURST_SESSIONS = 6
_OK, _GO_ON, _READY, _FOR_GOOD = 250, 354, 220, 500  # RFC 5321

@dataclass(frozen=True)
class Door:
    """A way in: port, envelope sender, who logs in (nobody on port 25), and the user who gets the mail."""

    way: Way
    port: int
    sender: str
    login: User | None
    to: User


def doors(world: World) -> tuple[Door, Door]:
    """Return both: mail from outside for user a, and mail that a submits for b."""
    a, b = world.accounts.a, world.accounts.b
    return (
        Door(Way.SMTP, SMTP_PORT, world.stranger, None, a),
        Door(Way.SUBMISSION, SUBMISSION_PORT, a.address, a, b),
    )


def connect(mail: Mail, door: Door) -> smtplib.SMTP:
    """Open a session up to the login; a connection that isn't made in 0.5 s is given up.

    Raises OSError or SMTPException.
    """
    client = smtplib.SMTP(local_hostname=mail.name)
    client.sock = socket.create_connection((mail.address, door.port), CONNECT_SECONDS)
    try:
        client.sock.settimeout(ANSWER_SECONDS)
        code, text = client.getreply()
        if code != _READY:
            raise smtplib.SMTPConnectError(code, text)  # noqa: TRY301 - as smtplib's own connect() does
        if door.login:
            client.starttls(context=mail.tls)
            client.login(door.login.address, door.login.password)
        client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def send(client: smtplib.SMTP, raw: bytes, sender: str, to: str) -> tuple[State, str]:
    """Send one message in an open session; return what the client knows then, and the server's words."""
    try:
        for command, wanted in ((f"MAIL FROM:<{sender}>", _OK), (f"RCPT TO:<{to}>", _OK), ("DATA", _GO_ON)):
            code, text = client.docmd(command)
            if code != wanted:
                return (State.REFUSED if code >= _FOR_GOOD else State.TRIED), _words(code, text)
    except (OSError, smtplib.SMTPException) as trouble:
        return State.TRIED, describe(trouble)
    try:
        client.send(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")  # RFC 5321, 4.5.2
        code, text = client.getreply()
    except (OSError, smtplib.SMTPException) as trouble:
        return State.UNSURE, describe(trouble)
    state = State.ACCEPTED if code == _OK else State.REFUSED if code >= _FOR_GOOD else State.UNSURE
    return state, _words(code, text)


def _words(code: int, text: bytes) -> str:
    return f"{code} {text.decode(errors='replace')}"


@dataclass
class _Client:
    """Sends messages through one door; a session that was good is used again, as mail servers and programs do."""

    mail: Mail
    door: Door
    over: threading.Event
    sessions: LifoQueue[smtplib.SMTP] = field(default_factory=LifoQueue)

    def deliver(self, ledger: Ledger, number: int, raw: bytes) -> None:
        """Send a message until it is accepted or refused, or the stream is over; note every try."""
        while True:
            began = time.monotonic()
            began, state, said, used_again = self._try(began, raw)
            ledger.note(number, Attempt(began, time.monotonic(), state, said))
            pause = AGAIN_SECONDS if state is State.UNSURE else 0.0 if used_again else RECONNECT_SECONDS
            if state in {State.ACCEPTED, State.REFUSED} or self.over.wait(pause):
                return

    def close(self) -> None:
        """End all sessions that nobody uses."""
        with suppress(Empty):
            while True:
                self.sessions.get_nowait().close()

    def _try(self, began: float, raw: bytes) -> tuple[float, State, str, bool]:
        """Return when the sending began, its state, the words, and whether the session had been used before."""
        client, used_again = None, True
        with suppress(Empty):
            client = self.sessions.get_nowait()
        try:
            if client is None:
                client, used_again = connect(self.mail, self.door), False
        except (OSError, smtplib.SMTPException) as trouble:
            return began, State.TRIED, describe(trouble), False
        began = time.monotonic()
        state, said = send(client, raw, self.door.sender, self.door.to.address)
        if state is State.ACCEPTED:
            self.sessions.put(client)
        else:
            client.close()
        return began, state, said, used_again


class Stream:
    """Messages at a steady `rate` a second through all doors in turn, at most `limit` of them, for at most `seconds`.

    A message is sent when it is due, whether or not earlier ones have been answered, as long as a door has a session
    to spare. It is a context manager: at its end nothing goes on, whatever happened.
    """

    def __init__(
        self, ways: Sequence[Door], ledger: Ledger, mail: Mail, *, rate: float = 5.0, limit: int = 10_000,
        seconds: float = 3600.0,
    ) -> None:
        self.ledger, self._rate, self._limit, self._seconds = ledger, rate, limit, seconds
        self._done, self._over = threading.Event(), threading.Event()
        self._clients = [_Client(mail, door, self._over) for door in ways]
        self._pools = [ThreadPoolExecutor(SESSIONS, f"stream-{door.way}") for door in ways]
        self._burst_pool = ThreadPoolExecutor(BURST_SESSIONS, "stream-burst")
        self._jobs: list[Future[None]] = []
        self._producer = threading.Thread(target=self._produce, name="stream", daemon=True)

    def __enter__(self) -> Self:
        self._producer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._over.set()
        self._producer.join()
        for pool in (*self._pools, self._burst_pool):
            pool.shutdown(wait=True, cancel_futures=True)
        for client in self._clients:
            client.close()

    def run_on(self, seconds: float) -> None:
        """Let it run for a while; returns earlier when it has come to its limit."""
        self._done.wait(seconds)

    def burst(self, number: int, door: int = 0) -> list[str]:
        """Send so many messages at once besides, through one door; return their tokens."""
        now = time.monotonic()
        return [self._send(self._clients[door], self._burst_pool, now) for _ in range(number)]

    def finish(self, patience: float) -> None:
        """Make no new messages; return when all are answered, or give up on the rest.

        That is when none has been answered for `patience` seconds. As long as answers come the platform works, and how
        far it is in arrears tells how much mail these machines can take, not what a failure did.
        """
        self._done.set()
        self._producer.join()
        left, end = set(self._jobs), time.monotonic() + ARREARS_SECONDS
        answered = left
        while left and answered and time.monotonic() < end:
            answered, left = wait(left, timeout=patience, return_when=FIRST_COMPLETED)
        self._over.set()
        for job in wait(self._jobs, timeout=ANSWER_SECONDS + CONNECT_SECONDS).done:
            job.result()  # a mistake of ours must be seen

    def _produce(self) -> None:
        began = time.monotonic()
        for number in range(self._limit):
            due = began + number / self._rate
            if self._done.wait(max(0.0, due - time.monotonic())) or time.monotonic() > began + self._seconds:
                break
            turn = number % len(self._clients)
            self._send(self._clients[turn], self._pools[turn], due)
        self._done.set()

    def _send(self, client: _Client, pool: ThreadPoolExecutor, due: float) -> str:
        number, door = self.ledger.number(), client.door
        made = letter(door.sender, door.to.address, f"stream {number}")
        self.ledger.add(Message(number, made.token, door.to.address, door.way, due))
        self._jobs.append(pool.submit(client.deliver, self.ledger, number, made.raw))
        return made.token

"""What the lines of one message, under one key, come to: who sent it to whom, and what became of it. Pure.

The same for the lines that have just come, on top of what the index knows, and for all lines of a message: what is said
later counts, in whatever portions it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relevo.trace.filtering import addresses
from relevo.trace.lines import Event

DELIVERED, DEFERRED, BOUNCED, REJECTED = "delivered", "deferred", "bounced", "rejected"
VIRUS, SPAM, EXPIRED, QUEUED, DELETED = "virus", "spam", "expired", "queued", "deleted"
RESULTS = (DELIVERED, DEFERRED, BOUNCED, REJECTED, VIRUS, SPAM, EXPIRED, QUEUED, DELETED)
PASSED = "passed"  # to the filter, or to other addresses: it goes on under another key
ADDRESSED = ""  # nobody has said yet what became of it

# whose result a message's end is: who has it already keeps it
ENDED_BY = {EXPIRED: (DEFERRED,), DELETED: (DEFERRED, ADDRESSED)}
_LOOPBACK = "127.0.0.1"
_STATUS = {"sent": DELIVERED, "delivered": DELIVERED, "deferred": DEFERRED, "bounced": BOUNCED, "expired": EXPIRED}
_MARKS = {"INFECTED": VIRUS, "SPAM": SPAM, "SPAMMY": SPAM}


@dataclass
class Letter:
    """What is known of a message.

    Attributes:
        sender: of the envelope, empty for a bounce; None as long as no line has said it.
        message_id: without its angle brackets.
        subject: its digest (`relevo.trace.subjects`).
        client: the address it came from.
        user: who had logged in to send it.
        size: bytes.
        count: recipients, after aliases.
        recipients: RESULTS, PASSED or ADDRESSED by address.
        marks: what was found in it, or done with it as a whole.
        is_open: whether it is in a queue; None as long as no line has said so.
        ends: what became of all recipients that had no result before: EXPIRED or DELETED.
        links: keys under which it goes on.
    """

    sender: str | None = None
    message_id: str = ""
    subject: str = ""
    client: str = ""
    user: str = ""
    size: int = 0
    count: int = 0
    recipients: dict[str, str] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    is_open: bool | None = None
    ends: str = ""
    links: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Add what a line says."""
        told = event.told
        if event.link:
            self.links.add(event.link)
        if "sender" in told and event.kind != "handed":  # pickup(8) has no domain yet
            self.sender = told["sender"].lower()
        if told.get("client", _LOOPBACK) != _LOOPBACK:  # that is the filter, which gives it back
            self.client = told["client"]
        self.message_id = told.get("id") or self.message_id
        self.subject = told.get("subject") or self.subject
        if work := getattr(self, f"_{event.kind.replace('-', '_')}", None):
            work(event)

    @property
    def results(self) -> set[str]:
        """What became of it, as far as these lines say."""
        found = {result for result in self.recipients.values() if result in RESULTS} | self.marks
        return found | {QUEUED} if self.waits else found

    @property
    def waits(self) -> bool:
        """Whether it is still in a queue."""
        return bool(self.is_open) and not (self.count and self._settled >= self.count)

    @property
    def _settled(self) -> int:
        return sum(result in {DELIVERED, BOUNCED, EXPIRED, DELETED, PASSED} for result in self.recipients.values())

    # --- one method a kind of line ------------------------------------------------------------------------------------
    def _client(self, event: Event) -> None:
        self.user = event.told.get("user", "").lower() or self.user

    def _accepted(self, event: Event) -> None:
        self._client(event)
        self._address(event.told.get("recipient", ""))

    def _rejected(self, event: Event) -> None:
        self._client(event)
        self.marks.add(REJECTED)
        if recipient := event.told.get("recipient", "").lower():
            self.recipients[recipient] = REJECTED

    def _queued(self, event: Event) -> None:
        self.size, self.count = int(event.told["size"]), int(event.told["count"])
        self.is_open = True

    def _delivery(self, event: Event) -> None:
        told = event.told
        inside = event.link and (told["relay"].startswith("127.0.0.1[") or told["relay"] == "local")
        result = PASSED if inside and told["status"] == "sent" else _STATUS.get(told["status"], ADDRESSED)
        self.recipients[told["recipient"].lower()] = result
        if original := told["original"].lower():
            self._address(original)
        self.is_open = True if self.is_open is None else self.is_open

    def _expired(self, _event: Event) -> None:
        self._end(EXPIRED)

    def _deleted(self, _event: Event) -> None:
        self.is_open = False
        self.marks.add(DELETED)
        self._end(DELETED)

    def _removed(self, _event: Event) -> None:
        self.is_open = False

    def _filtered(self, event: Event) -> None:
        self.marks |= {_MARKS[verdict] for verdict in [event.told["verdict"]] if verdict in _MARKS}
        for address in addresses(event.told["recipients"]):
            if event.told["passed"]:
                self._address(address)
            else:
                self.recipients[address.lower()] = REJECTED
        if not event.told["passed"]:
            self.marks.add(REJECTED)

    def _stored(self, event: Event) -> None:
        self._address(event.told["user"])

    _forwarded = _answered = _discarded = _returned = _stored

    def _address(self, address: str) -> None:
        if address:
            self.recipients.setdefault(address.lower(), ADDRESSED)

    def _end(self, result: str) -> None:
        self.ends = result
        for address, before in self.recipients.items():
            if before in ENDED_BY[result]:
                self.recipients[address] = result

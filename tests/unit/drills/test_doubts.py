"""Which deliveries may have been done without Postfix knowing it, from the journal's own lines (Debian 13)."""

from __future__ import annotations

import pytest

from relevo.drills.copies import Copy
from relevo.drills.doubts import LATE_SECONDS, read

A, B = "drill00000000000000a1", "drill00000000000000a2"
LOST = (
    "to=<drill-a@example.org>, relay=192.168.100.100[192.168.100.100]:24, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.2, "
    "status=deferred ({why}lost connection with 192.168.100.100[192.168.100.100] while sending end of data -- message "
    "may be sent more than once)"
)
STORED = (
    "lmtp(drill-a@example.org)<3664><0djfF3SaCmtQDgAAfarayQ>: sieve: msgid=<{token}@outside.example>: "
    "stored mail into mailbox 'INBOX'"
)


def postfix(at: float, text: str, process: str = "qmgr") -> str:
    return f"{at:.6f} mail01 postfix/{process}[4023]: {text}"


def dovecot(at: float, token: str) -> str:
    return f"{at:.6f} mail02 dovecot[3662]: {STORED.format(token=token)}"


def test_only_what_was_sent_and_got_no_answer_is_in_doubt():
    other, nameless = "drill00000000000000a3", LOST.format(why="")
    found = read([
        postfix(1.0, f"4jbC1: message-id=<{A}@outside.example>", "cleanup"),
        postfix(2.0, "4jbC1: " + LOST.format(why=""), "lmtp"),
        postfix(1.0, f"4jbC2: message-id=<{other}@outside.example>", "cleanup"),
        # another one's words: this one was not tried
        postfix(2.0, "4jbC2: " + LOST.format(why="delivery temporarily suspended: "), "lmtp"),
        postfix(2.0, "4jbC4: " + nameless, "lmtp"),
        "not a line of the journal",
    ])
    assert found[A].in_doubt
    assert not found[other].in_doubt
    assert not read([])


@pytest.mark.parametrize(
    ("stored", "removed", "half_done"),
    [
        ([9.0], None, True),  # the dead node never came to remove it
        ([9.0, 14.0], [15.0], True),  # the survivor did, after its own delivery
        ([9.0], [9.1], False),  # it had left the queue: a second copy has no excuse
        ([9.0, 14.0], [9.1, 15.0], False),
        ([10.0 + LATE_SECONDS], None, True),  # what was under way reached the mailbox
        ([14.0, 14.2], [14.3], False),  # two wrote it, long after
        ([], [11.0], False),
    ],
)
def test_half_done_is_what_was_stored_and_still_queued_then(
    stored: list[float], removed: list[float] | None, half_done: bool,
):
    lines = [postfix(8.0, f"4jbC1: message-id=<{A}@outside.example>", "cleanup")]
    lines += [dovecot(at, A) for at in stored]
    lines += [postfix(at, "4jbC1: removed") for at in removed or ()]
    assert read(reversed(lines))[A].half_done(10.0) is half_done


def test_each_sending_has_its_own_stay_in_the_queue():
    first = [
        postfix(1.0, f"4jbC1: message-id=<{B}@outside.example>", "cleanup"),
        dovecot(2.0, B),
        postfix(2.1, "4jbC1: removed"),
    ]
    again = postfix(8.0, f"4jbC2: message-id=<{B}@outside.example>", "cleanup")
    found = read([*first, again, dovecot(9.0, B)])[B]
    assert found.half_done(10.0)
    assert not found.half_done(5.0)
    assert found.told(5.0) == "stored -3.000, +4.000 s; queued 4jbC1 -4.000 to -2.900, 4jbC2 +3.000 to +inf s"
    assert not read([*first, again])[B].half_done(10.0)  # the second was never stored


@pytest.mark.parametrize(
    ("begun", "removed", "half_done"),
    [
        (9.9, None, True),  # the paused node had begun to save it, and noted nothing
        (9.9, 13.2, True),  # the survivor delivered it after that, out of the same queue
        (9.9, 9.95, False),
        (20.1, 13.2, False),  # a node that came back and went on writing
    ],
)
def test_half_done_is_also_what_a_node_had_begun_to_save(begun: float, removed: float | None, half_done: bool):
    lines = [postfix(9.0, f"4jbC1: message-id=<{A}@outside.example>", "cleanup"), dovecot(13.1, A)]
    lines += [postfix(removed, "4jbC1: removed")] if removed else []
    course = read(lines)[A]
    assert not course.half_done(10.0)
    course.copies = [Copy(begun, "811"), Copy(13.0, "912")]
    assert course.told(10.0).endswith("; copy begun +3.000 s by process 912")
    assert course.half_done(10.0) is half_done

"""Which deliveries ended in doubt, from Postfix's own lines (3.10)."""

from __future__ import annotations

from relevo.drills.doubts import in_doubt

LOST = (
    "to=<drill-a@example.org>, relay=192.168.100.100[192.168.100.100]:24, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.2, "
    "status=deferred ({why}lost connection with 192.168.100.100[192.168.100.100] while sending end of data -- message "
    "may be sent more than once)"
)
LINES = (
    "4jbC1: message-id=<drill00000000000000a1@outside.example>",
    "4jbC1: " + LOST.format(why=""),
    "4jbC2: message-id=<drill00000000000000a2@outside.example>",
    "4jbC2: " + LOST.format(why="delivery temporarily suspended: "),  # another one's words: this one was not tried
    "4jbC3: message-id=<drill00000000000000a3@outside.example>",
    "4jbC4: " + LOST.format(why=""),  # whose name nobody noted
)


def test_only_what_was_sent_and_got_no_answer_is_in_doubt():
    assert in_doubt(LINES) == {"drill00000000000000a1"}
    assert in_doubt([]) == set()

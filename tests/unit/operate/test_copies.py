"""What GlusterFS says of copies that are behind, read from captured output."""

from __future__ import annotations

from relevo.operate.copies import behind, unhealed

SUMMARY = """\
Brick 192.168.100.11:/srv/relevo/brick
Status: Connected
Total Number of entries: 7
Number of entries in heal pending: 7
Number of entries in split-brain: 0
Number of entries possibly healing: 0

Brick 192.168.100.12:/srv/relevo/brick
Status: Transport endpoint is not connected
Total Number of entries: -
Number of entries in heal pending: -

Brick 192.168.100.10:/srv/relevo/brick
Status: Connected
Total Number of entries: 0
"""
COUNT = """\
Gathering count of entries to be healed on volume mail has been successful

Brick 192.168.100.11:/srv/relevo/brick
Number of entries: {}

Brick 192.168.100.12:/srv/relevo/brick
Number of entries: 0

Brick 192.168.100.10:/srv/relevo/brick
Number of entries: 3
"""


def ask(count: int) -> tuple[list[str], list[str]]:
    """Return what is told when so many entries wait at mail01, and what was asked."""
    asked = []

    def heal(*words: str) -> str:
        asked.append(words[0])
        return COUNT.format(count) if words == ("statistics", "heal-count") else SUMMARY

    return unhealed(heal), asked


def test_few_copies_that_are_behind_are_looked_at_one_by_one():
    (behind, away), asked = ask(7)
    assert "7" in behind
    assert "192.168.100.11" in behind
    assert "192.168.100.12" in away
    assert asked == ["statistics", "info"]


def test_many_are_only_counted_for_a_look_at_each_takes_the_time_of_their_healing():
    told, asked = ask(4891)
    assert [("4891" in told[0], "192.168.100.11" in told[0]), ("3 files" in told[1], "192.168.100.10" in told[1])] == [
        (True, True), (True, True),
    ]
    assert len(told) == 2
    assert asked == ["statistics"]


INFO = """\
Brick 192.168.100.11:/srv/relevo/brick
Status: Connected
Number of entries: 0

Brick 192.168.100.10:/srv/relevo/brick
/queue/mail01/incoming/918113.4383
<gfid:f13582e7-1ff3-4079-82fb-13a332bee246>
/mailboxes/example.org/a b/Maildir/tmp
Status: Connected
Number of entries: 3

Brick 192.168.100.12:/srv/relevo/brick
/mailboxes/example.org/a b/Maildir/tmp
Status: Connected
Number of entries: 1
"""


def test_few_that_stay_behind_are_named_once_each_and_many_are_not_looked_at():
    def heal(count: int, *words: str) -> str:
        return COUNT.format(count) if words == ("statistics", "heal-count") else INFO.replace("383\n", "383 \n")

    few = ["/mailboxes/example.org/a b/Maildir/tmp", "/queue/mail01/incoming/918113.4383"]
    assert behind(lambda *words: heal(7, *words)) == few
    assert behind(lambda *words: heal(4891, *words)) == []

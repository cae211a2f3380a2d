"""The names of a message's files: when each copy was begun, and by which process."""

from __future__ import annotations

from relevo.drills.copies import Copy, copies, read
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform

A, B = "drill00000000000000a1", "drill00000000000000a2"
FOUND = f"""
example.org/drill-a/Maildir/new/1764458003.M160000P912.mail.example.org,S=900,W=920:X-Relevo-Drill: {A}
example.org/drill-a/Maildir/cur/1764458000.M250000P811.mail.example.org,S=900,W=920:2,S:X-Relevo-Drill: {A}
example.org/drill-a/Maildir/.Junk/cur/1764458001.M000007P811.mail.example.org:2,:X-Relevo-Drill: {B}
example.org/drill-a/Maildir/dovecot.index.cache:X-Relevo-Drill: {B}
"""


def test_a_copys_time_and_process_are_in_its_name() -> None:
    assert read(FOUND.splitlines()) == {
        A: [Copy(1764458000.25, "811"), Copy(1764458003.16, "912")], B: [Copy(1764458001.000007, "811")],
    }


def test_only_the_messages_in_question_are_looked_for(world: World, platform: MemoryPlatform) -> None:
    platform.says["grep"] = FOUND
    assert copies(world.mail_nodes, ["drill-a@example.org"], {A})
    assert platform.asked[-1].endswith(f"X-Relevo-Drill {A} example.org/drill-a")
    platform.asked.clear()
    assert copies(world.mail_nodes, ["drill-a@example.org"], set()) == {}
    assert not platform.asked

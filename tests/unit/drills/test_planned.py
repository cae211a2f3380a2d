"""The drill of planned work: which commands it runs, and what counts as a transaction that failed."""

from __future__ import annotations

from relevo.drills import events
from relevo.drills.ledger import Attempt, Ledger, Message, State, Way
from relevo.drills.promises import planned
from relevo.drills.result import Verdict
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform


def test_the_operators_own_commands_are_run(world: World, platform: MemoryPlatform) -> None:
    for event in (*planned.switchovers(world), *planned.works(world)):
        event.strike(event.victim(world))
    assert [line for line in platform.asked if line.startswith("relevo ")] == [
        "relevo switchover", "relevo switchover", "relevo reboot mail02", "relevo reboot storage01",
        "relevo reboot mail01", "relevo upgrade",
    ]


def test_what_is_to_be_upgraded_is_taken_away_in_the_end(world: World, platform: MemoryPlatform) -> None:
    *_, upgrade = planned.works(world)
    upgrade.strike(upgrade.victim(world))
    platform.asked.clear()
    assert not world.restore()
    assert sum("dpkg --purge" in line for line in platform.asked) == 3


def test_a_message_without_its_answer_is_a_failed_transaction(world: World) -> None:
    event = next(planned.switchovers(world))
    ledger = Ledger()
    ledger.add(Message(1, "one", "a@example.com", Way.SMTP, 0.0))
    ledger.note(1, Attempt(0.0, 0.1, State.TRIED, "refused before the message: no transaction"))
    for state, verdict in ((State.ACCEPTED, Verdict.PASSED), (State.UNSURE, Verdict.FAILED)):
        ledger.note(1, Attempt(0.2, 0.3, state, "said"))
        planned.Unbroken(world).judge(world, events.Story(event, event.victim(world), ledger, {}, 0.0))
        assert world.recorder.checks[-1].verdict is verdict

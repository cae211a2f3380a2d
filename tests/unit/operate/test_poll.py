"""Asking again and again, with machines that answer when the test lets them."""

from __future__ import annotations

from queue import Empty, Queue

import pytest

from relevo.operate.answers import STALE_SECONDS, Said
from relevo.operate.poll import Poll

DEADLINE = 10.0


class Machines:
    """Each answers what is put into its queue, and hangs until then."""

    def __init__(self) -> None:
        self.now = 100.0
        self.answers: dict[str, Queue[Said]] = {"mail01": Queue(), "mail02": Queue()}

    def poll(self, seconds: float = 0.01) -> Poll:
        return Poll(self.answers, self._ask, seconds, lambda: self.now)

    def _ask(self, name: str) -> Said:
        try:
            return self.answers[name].get(timeout=DEADLINE)
        except Empty:
            return Said({})


def whole(name: str) -> Said:
    return Said({"own": {"node": name}})


def test_each_is_asked_again_and_one_that_hangs_holds_up_nobody():
    machines = Machines()
    with machines.poll() as poll:
        machines.answers["mail01"].put(whole("first"))
        machines.answers["mail01"].put(whole("second"))
        poll.until(lambda said: said["mail01"].whole == {"own": {"node": "second"}}, DEADLINE)
        said = poll.said()
        assert said["mail01"].whole == {"own": {"node": "second"}}
        assert said["mail02"] == Said({}, "mail02: no answer for 0 s")
        for queue in machines.answers.values():
            queue.put(Said({}))


def test_all_have_answered_once_or_the_time_is_over():
    machines = Machines()
    with machines.poll() as poll:
        poll.wait_for_all(0.01)
        assert not any(said.whole for said in poll.said().values())
        for name, queue in machines.answers.items():
            queue.put(whole(name))
        poll.wait_for_all(DEADLINE)
        assert all(said.whole for said in poll.said().values())
        for queue in machines.answers.values():
            queue.put(Said({}))


@pytest.mark.parametrize(("seconds", "is_fresh"), [(STALE_SECONDS, True), (STALE_SECONDS + 1, False)])
def test_an_old_word_is_none(seconds: float, is_fresh: bool):
    machines = Machines()
    with machines.poll() as poll:
        machines.answers["mail01"].put(Said({"own": {}}, "", 0.0))
        machines.answers["mail02"].put(Said({}, "mail02: refuses"))
        poll.wait_for_all(DEADLINE)
        machines.now += seconds
        said = poll.said()
        assert said["mail01"] == (
            Said({"own": {}}, "", seconds) if is_fresh else Said({}, f"mail01: no answer for {seconds:.0f} s")
        )
        assert said["mail02"].why == ("mail02: refuses" if is_fresh else f"mail02: no answer for {seconds:.0f} s")
        for queue in machines.answers.values():
            queue.put(Said({}))

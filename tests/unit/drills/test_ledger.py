from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.drills.ledger import Attempt, Entry, Fate, Ledger, Message, State, Way, fate

A, U, R, T = State.ACCEPTED, State.UNSURE, State.REFUSED, State.TRIED


def entry(*states: State, number: int = 1) -> Entry:
    attempts = [Attempt(10.0 * turn, 10.0 * turn + 1, state, state) for turn, state in enumerate(states)]
    return Entry(Message(number, f"drill{number:016x}", "a@example.org", Way.SMTP, 0.0), attempts)


@pytest.mark.parametrize(
    ("states", "found", "queued", "bounced", "expected"),
    [
        ([A], 1, 0, False, Fate.DELIVERED),
        ([T, T, A], 1, 0, False, Fate.DELIVERED),
        ([U, A], 1, 0, False, Fate.DELIVERED),
        ([A], 1, 0, True, Fate.DELIVERED),
        ([A], 0, 0, False, Fate.LOST),
        ([U, A], 0, 0, False, Fate.LOST),
        ([A], 0, 1, False, Fate.QUEUED),
        ([A], 0, 0, True, Fate.BOUNCED),
        ([A], 2, 0, False, Fate.DUPLICATED),
        ([A], 1, 1, False, Fate.DUPLICATED),
        ([T, A], 2, 0, False, Fate.DUPLICATED),
        ([U, A], 3, 0, False, Fate.DUPLICATED),
        ([U], 2, 0, False, Fate.DUPLICATED),
        ([U, A], 2, 0, False, Fate.RESENT),
        ([U, A], 1, 1, False, Fate.RESENT),
        ([U, U], 2, 0, False, Fate.RESENT),
        ([U], 1, 0, False, Fate.UNSURE_DELIVERED),
        ([U, R], 1, 0, False, Fate.UNSURE_DELIVERED),
        ([U], 0, 0, False, Fate.UNSURE_MISSING),
        ([U, T], 0, 0, False, Fate.UNSURE_MISSING),
        ([R], 0, 0, False, Fate.REFUSED),
        ([U, R], 0, 0, False, Fate.REFUSED),
        ([R], 1, 0, False, Fate.UNCALLED),
        ([T], 1, 0, False, Fate.UNCALLED),
        ([T], 0, 0, False, Fate.UNSENT),
        ([], 0, 0, False, Fate.UNSENT),
    ],
)
def test_the_fate_of_a_message(states: list[State], found: int, queued: int, bounced: bool, expected: Fate) -> None:
    assert fate(entry(*states), found, queued, bounced) is expected


def ledger_of(histories: list[list[State]]) -> Ledger:
    ledger = Ledger()
    for states in histories:
        made = entry(*states, number=ledger.number())
        ledger.add(made.message)
        for attempt in made.attempts:
            ledger.note(made.message.number, attempt)
    return ledger


# A client stops after an answer that settles it, so there is at most one, the last.
UNSETTLED, SETTLED = st.lists(st.sampled_from([T, U]), max_size=3), st.sampled_from([[], [A], [R]])
HISTORIES = st.lists(st.tuples(UNSETTLED, SETTLED).map(lambda parts: [*parts[0], *parts[1]]), max_size=8)
COUNTS = st.lists(st.integers(0, 4), min_size=8, max_size=8)


@given(HISTORIES, COUNTS, COUNTS, st.sets(st.integers(1, 8)))
def test_every_message_is_in_exactly_one_class(
    histories: list[list[State]], found: list[int], queued: list[int], returned: set[int],
) -> None:
    ledger = ledger_of(histories)
    tokens = [one.message.token for one in ledger.entries()]
    there, waiting = dict(zip(tokens, found, strict=False)), dict(zip(tokens, queued, strict=False))
    bounced = {token for number, token in enumerate(tokens, 1) if number in returned}
    account = ledger.reconcile(there, waiting, bounced)
    assert set(account.fates) == {one.message.number for one in ledger.entries()}
    assert sum(account.count(one) for one in Fate) == len(histories)
    assert sorted(number for one in Fate for number in account.numbers(one)) == sorted(account.fates)
    for one in ledger.entries():
        check_class(one, there[one.message.token], waiting[one.message.token], account.fates[one.message.number])


def check_class(one: Entry, found: int, queued: int, got: Fate) -> None:
    """What each class promises a reader of the table, said anew."""
    absent = {Fate.LOST, Fate.QUEUED, Fate.BOUNCED, Fate.REFUSED, Fate.UNSURE_MISSING, Fate.UNSENT}
    copies = found + queued
    assert (got in {Fate.DUPLICATED, Fate.UNCALLED}) == (copies > one.takings)
    if got in absent:
        assert not found
    if got in {Fate.LOST, Fate.QUEUED, Fate.BOUNCED}:
        assert one.accepted
    if got is Fate.LOST:
        assert not copies
    if got is Fate.RESENT:
        assert 1 < copies <= one.takings
    if one.accepted and not copies:
        assert got in {Fate.LOST, Fate.BOUNCED}
    if got is Fate.DUPLICATED:
        assert copies > 1


def test_the_account_of_a_good_run_and_of_a_bad_one() -> None:
    ledger = ledger_of([[A], [U, A], [U]])
    first, second, third = (one.message.token for one in ledger.entries())
    good = ledger.reconcile({first: 1, second: 2, third: 1, "drill of somebody else": 7})
    assert (good.accepted, good.sent_again, good.count(Fate.RESENT), good.kept) == (2, 1, 1, True)
    bad = ledger.reconcile({second: 1}, {}, ())
    assert bad.numbers(Fate.LOST) == [1]
    assert not bad.kept
    assert not ledger.reconcile({first: 1}, {second: 1}).kept


def test_times_are_counted_from_the_event() -> None:
    ledger = Ledger()
    for due, began, ended, way in ((0, 0, 1, Way.SMTP), (4, 4, 6.5, Way.SMTP), (5, 6, 7, Way.SUBMISSION)):
        number = ledger.number()
        ledger.add(Message(number, f"t{number}", "a@example.org", way, due))
        ledger.note(number, Attempt(due, began, State.TRIED, "refused"))
        ledger.note(number, Attempt(began, ended, State.ACCEPTED, "250"))
    assert ledger.first_accepted(5) == 2  # the one that began before doesn't count
    assert ledger.first_accepted(5, Way.SMTP) is None
    assert ledger.longest_sending(5) == 2.5
    assert ledger.longest_wait(6.9) == 2
    assert ledger.longest_sending(99) == ledger.longest_wait(99) == 0
    assert set(ledger.accepted()) == ledger.tokens() == {"t1", "t2", "t3"}

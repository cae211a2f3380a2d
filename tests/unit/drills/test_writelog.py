"""The judge of the drill `owners`: what it finds in a log, and what it does not blame."""

from __future__ import annotations

from relevo.drills.writelog import Account, Delivery, file_name, judge, read_notes

A, B, C = "mail01@100.000", "mail02@200.000", "mail01@300.000"


def log(*deliveries: Delivery) -> str:
    return "".join(f"{owner} {owner[:6]} {number} {number}.500\n" for owner, number in deliveries)


CLEAN = [(A, 1), (A, 2), (B, 3), (B, 4), (C, 5)]


def judged(written: list[Delivery], acknowledged: list[Delivery], files: list[Delivery] | None = None) -> Account:
    return judge(log(*written), acknowledged, {file_name(one) for one in (acknowledged if files is None else files)})


def test_a_clean_log_passes() -> None:
    account = judged(CLEAN, CLEAN)
    assert account.good
    assert (account.lines, account.acknowledged, account.owners, account.late) == (5, 5, (A, B, C), ())
    assert "5 lines by 3 owners" in account.in_words()


def test_an_owner_who_writes_after_the_next_one_is_an_overlap() -> None:
    written = [(A, 1), (B, 3), (A, 2), (B, 4)]
    account = judged(written, written)
    assert not account.good
    assert len(account.overlaps) == 1
    assert "mail01@100.000 wrote 2 after mail02@200.000" in account.overlaps[0]
    assert "-1.000 s" in account.overlaps[0], "the delivery began before the other owner's first"
    assert account.overlaps[0] in account.in_words()


def test_an_old_owner_is_an_overlap_however_many_came_between() -> None:
    written = [*CLEAN, (A, 6), (A, 7), (C, 8)]
    assert len(judged(written, written).overlaps) == 2


def test_a_late_line_that_was_never_acknowledged_is_only_counted() -> None:
    account = judged([(A, 1), (B, 3), (A, 2), (B, 4)], [(A, 1), (B, 3), (B, 4)])
    assert account.good
    assert len(account.late) == 1
    assert "1 late" in account.in_words()


def test_an_unacknowledged_line_may_be_there_or_not() -> None:
    assert judged(CLEAN, CLEAN[:1] + CLEAN[2:]).good


def test_an_acknowledged_line_that_is_not_there_is_lost() -> None:
    account = judged(CLEAN[1:], CLEAN)
    assert account.lost == (f"{A}.1",)
    assert not account.good


def test_a_line_that_is_there_twice_is_found_acknowledged_or_not() -> None:
    for acknowledged in (CLEAN, CLEAN[1:]):
        account = judged([CLEAN[0], *CLEAN], acknowledged)
        assert account.doubled == (f"{A}.1",)
        assert not account.good


def test_an_acknowledged_file_that_is_not_there_is_missing() -> None:
    account = judged(CLEAN, CLEAN, CLEAN[1:])
    assert account.missing == (f"{A}.1",)
    assert not account.good


def test_what_is_no_line_is_torn() -> None:
    account = judge(log(*CLEAN) + "\0\0\0\nmail01@100.000 ma", CLEAN, {file_name(one) for one in CLEAN})
    assert len(account.torn) == 2
    assert not account.good


def test_notes_cut_short_by_a_power_cut_are_left_out() -> None:
    assert read_notes(f"{A} 1\n{A} 2\n{A} 3") == [(A, 1), (A, 2)]
    assert read_notes(f"{A} 1\n{A} 2{B} 3\n{B} 4\n") == [(A, 1), (B, 4)], "a later writer went on in the same line"
    assert read_notes("") == []


def test_accounts_add_up() -> None:
    total = sum([judged(CLEAN, CLEAN), judged(CLEAN[1:], CLEAN)], Account())
    assert (total.lines, total.acknowledged, len(total.owners), total.lost) == (9, 10, 6, (f"{A}.1",))

from __future__ import annotations

import pytest

from relevo.cluster.sealing import WrongKey, lock_of, seal, unseal


def test_who_has_the_lock_closes_and_who_has_the_secret_opens():
    sealed = seal(b"a key", lock_of("secret"))
    assert unseal(sealed, "secret") == b"a key"
    assert "a key" not in sealed
    assert sealed != seal(b"a key", lock_of("secret"))  # nobody sees that two are the same


def test_the_lock_is_the_same_everywhere_and_does_not_hold_the_secret():
    assert lock_of("secret") == lock_of("secret") != lock_of("Secret")
    assert "secret" not in lock_of("secret")


@pytest.mark.parametrize("wrong", ["", ".", "garbage", "AAAA.BBBB", "é.x"])
def test_what_is_damaged_is_said_to_be(wrong):
    with pytest.raises(WrongKey):
        unseal(wrong, "secret")


def test_another_secret_opens_nothing_and_no_part_can_be_exchanged():
    one, other = seal(b"one", lock_of("secret")), seal(b"other", lock_of("secret"))
    with pytest.raises(WrongKey):
        unseal(one, "lock")
    with pytest.raises(WrongKey):
        unseal(f"{one.partition('.')[0]}.{other.partition('.')[2]}", "secret")

"""A message that a copy has twice, or empty, is found; copies that people made of a message are none of that."""

from __future__ import annotations

import pytest

from relevo.drills.bricks import wrong

HERE = "example.org/ana/Maildir"
TMP = f"{HERE}/tmp"  # noqa: S108 - a name in a text
NAME = "1796061784.M642806P8387.mail.example.org"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([f"7 1613 {HERE}/cur/{NAME},S=1613,W=1650:2,S", f"8 40 {HERE}/dovecot-uidlist"], []),
        (
            [f"7 1613 {HERE}/new/{NAME},S=1613,W=1650", f"7 1613 {HERE}/cur/{NAME},S=1613,W=1650:2,"],
            [f"{HERE}/cur/{NAME},S=1613,W=1650:2, = {HERE}/new/{NAME},S=1613,W=1650"],
        ),
        (
            [f"7 1613 {TMP}/{NAME}", f"7 1613 {HERE}/cur/{NAME},S=1613,W=1650:2,"],
            [f"{HERE}/cur/{NAME},S=1613,W=1650:2, = {TMP}/{NAME}"],
        ),
        ([f"7 0 {HERE}/new/{NAME},S=1613,W=1650"], [f"{HERE}/new/{NAME},S=1613,W=1650 has 0 bytes"]),
        (  # copied by IMAP: a hard link with a name of its own
            [f"7 1613 {HERE}/cur/{NAME},S=1613:2,", f"7 1613 {HERE}/.Old/cur/1796061799.M1P9.mail,S=1613:2,"],
            [],
        ),
        ([f"7 900 {TMP}/{NAME}"], []),  # it is being written
    ],
)
def test_what_is_wrong_with_a_copy(lines: list[str], found: list[str]):
    assert wrong(lines, whole=True) == found


def test_the_third_copy_has_no_contents():
    assert wrong([f"7 0 {HERE}/cur/{NAME},S=1613,W=1650:2,"], whole=False) == []

from __future__ import annotations

import pytest

from relevo.errors import LabError
from relevo.lab.mirror import choose, source_lines

DEBIAN = [
    "Debian|http://mirror.example/debian/|bookworm|main",
    "Debian|http://mirror.example/debian/|bookworm-updates|main",
    "Debian|http://security.example/debian-security/|bookworm-security|main",
]


def test_the_mirror_of_this_computers_apt_is_used() -> None:
    assert choose(DEBIAN) == ("http://mirror.example/debian/", "http://security.example/debian-security/")


def test_other_archives_are_not_taken_for_debian() -> None:
    others = ["Vendor|http://vendor.example/apt|stable|main", "Debian|http://mirror.example/debian/|bookworm|contrib"]
    assert choose([*others, *DEBIAN])[0] == "http://mirror.example/debian/"


def test_backports_alone_are_no_mirror() -> None:
    with pytest.raises(LabError, match="RELEVO_LAB_MIRROR"):
        choose(["Debian|http://mirror.example/debian/|bookworm-backports|main"])


def test_before_the_first_update_apt_knows_no_origins() -> None:
    assert choose([target.replace("Debian|", "|") for target in DEBIAN])[0] == "http://mirror.example/debian/"


def test_lines_are_for_the_suite_of_the_image() -> None:
    assert source_lines("trixie", "http://m/debian", "http://s/debian-security") == (
        "deb http://m/debian trixie main",
        "deb http://m/debian trixie-updates main",
        "deb http://s/debian-security trixie-security main",
    )


def test_without_security_mirror_there_is_no_line_for_it() -> None:
    assert len(source_lines("trixie", "http://m/debian", "")) == 2

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from relevo.cluster.model import FilterSection
from relevo.services.amavis.render import render
from relevo.services.amavis.settings import (
    BANNED_EXTENSIONS,
    allowed_points,
    blocked_points,
    submission_reject_score,
)
from relevo.services.base import Context
from tests.unit.services.golden import check_golden


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("amavis", context("mail01"))


def test_only_the_login_is_secret_and_the_keys_come_from_the_table(context: Callable[[str], Context]) -> None:
    files = render(context("mail01"))
    login, = [file for file in files if file.secret]
    assert login.path == "/etc/relevo/amavis.cnf"
    assert (login.mode, login.owner, login.group) == (0o640, "root", "amavis")
    assert not [file.path for file in files if b"secret-" in file.data and file is not login]
    configuration = next(file for file in files if file.path.endswith("60-relevo")).data.decode()
    assert "our $keys_file = '/etc/relevo/dkim/keys';" in configuration


def test_our_users_are_refused_earlier_than_others_but_later_than_marked() -> None:
    scores = FilterSection(spam_tag_score=4, spam_reject_score=12)
    assert scores.spam_tag_score < submission_reject_score(scores) < scores.spam_reject_score


def test_an_allowed_sender_s_forgery_is_refused_all_the_same_and_a_blocked_one_always() -> None:
    scores = FilterSection()
    assert allowed_points(scores) + 100 > scores.spam_reject_score  # what DMARC adds
    assert allowed_points(scores) + scores.spam_reject_score < scores.spam_tag_score  # spam's usual scores: the inbox
    assert blocked_points(scores) - 10 > scores.spam_reject_score


def test_banned_names(context: Callable[[str], Context]) -> None:
    banned = re.compile(rf".\.({'|'.join(BANNED_EXTENSIONS)})[.\s]*$", re.IGNORECASE)
    assert all(banned.search(name) for name in ("factura.pdf.exe", "a.JS", "x.lnk. ", "macro.vbs"))
    assert not any(banned.search(name) for name in ("informe.pdf", "hoja.xlsx", "datos.json", "exe", "foto.jpg"))


def test_each_hook_is_defined_once_or_one_would_take_the_other_s_place(context: Callable[[str], Context]) -> None:
    text = "\n".join(file.data.decode() for file in render(context("mail01")) if "/conf.d/" in file.path)
    hooks = re.findall(r"^\s*sub (\w+)", text, re.MULTILINE)
    assert len(hooks) == len(set(hooks)) > 8
    assert "take_up_keys();" in text


ALL, WAY = "all@example.org", "all+relevo-members@example.org"
WAYS = f"{ALL} @example.org {WAY};{ALL} boss@else.example {WAY};all@alias.example @example.org {WAY}"


@pytest.mark.parametrize(
    ("sender", "ways", "led"),
    [
        ("ana@example.org", WAYS, {ALL: WAY}),
        ("ANA@Example.org", WAYS, {"All+x@example.org": WAY, "all@alias.example": WAY, "x@y.example": "x@y.example"}),
        ("boss@else.example", WAYS, {ALL: WAY}),
        ("other@else.example", WAYS, {ALL: ALL, "eva@example.org": "eva@example.org"}),  # it waits
        ("", WAYS, {ALL: ALL}),
        ("other@else.example", WAYS, {WAY: ALL, "x+relevo-members+y@example.org": "x@example.org"}),  # no way round
        ("ana@example.org", "away", {ALL: ALL, WAY: ALL}),  # without the database it waits
    ],
)
def test_only_who_may_post_is_led_past_the_wait(
    context: Callable[[str], Context], tmp_path: Path, sender: str, ways: str, led: dict[str, str],
) -> None:
    hooks = tmp_path / "hooks"
    hooks.write_bytes(next(file.data for file in render(context("mail01")) if file.path.endswith("65-relevo-hooks")))
    harness = Path(__file__).with_name("hooks.pl")
    done = subprocess.run(
        ["perl", str(harness), str(hooks), sender, ways, *led], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split(" ") == list(led.values())
    assert ("so posts wait: away" in done.stdout) is (ways == "away")

from __future__ import annotations

import re
from collections.abc import Callable

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

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
    HOOKS,
    SUBJECT_KEY,
    allowed_points,
    blocked_points,
    submission_reject_score,
)
from relevo.services.base import Context
from relevo.trace.subjects import digest, key_of
from tests.unit.services.golden import check_golden


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("amavis", context("mail01"))


def test_only_login_and_key_are_secret_and_dkim_keys_come_from_the_table(context: Callable[[str], Context]) -> None:
    files = render(context("mail01"))
    secret = [file for file in files if file.secret]
    assert [file.path for file in secret] == ["/etc/relevo/amavis.cnf", "/etc/relevo/amavis-subjects.key"]
    assert {(file.mode, file.owner, file.group) for file in secret} == {(0o640, "root", "amavis")}
    assert not [file.path for file in files if b"secret-" in file.data and file not in secret]
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


SUBJECTS = {  # as a message has it, and as somebody types it in
    "Factura 2026-118": "factura  2026-118",
    "RE: Rv: Re[2]: Factura\n 2026-118": "Factura 2026-118",
    "=?utf-8?Q?Reuni=C3=B3n_del_jueves?=": "Reunión del jueves",
    "=?iso-8859-1?q?Reuni=F3n?= del jueves": "REUNIÓN DEL JUEVES",
    "=?utf-8?B?UmV1bmnDs24gZGVsIA==?=\n =?utf-8?B?anVldmVz?=": "Fwd: reunión del jueves",
    "Reunión del jueves": "Reunio\u0301n del jueves",
    "Straße nach Oruro": "STRASSE nach Oruro",
    "Respuesta: no es un prefijo": "respuesta: no es un prefijo",
}


def test_a_subject_has_the_digest_by_which_it_is_looked_for(context: Callable[[str], Context], tmp_path: Path) -> None:
    ctx = context("mail01")
    key = tmp_path / "key"
    key.write_bytes(next(file.data for file in render(ctx) if file.path == SUBJECT_KEY))
    hooks = next(file.data.decode() for file in render(ctx) if file.path == HOOKS).replace(SUBJECT_KEY, str(key))
    (tmp_path / "hooks").write_text(hooks, encoding="utf-8")
    harness = Path(__file__).with_name("hooks.pl")
    done = subprocess.run(
        ["perl", str(harness), str(tmp_path / "hooks"), "--subjects", *SUBJECTS, "Re: ", ""],
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    *made, nothing, empty = done.stdout.splitlines()[: len(SUBJECTS) + 2]
    own = key_of(ctx.secrets.reveal("django_key"))
    assert made == [digest(typed, own) for typed in SUBJECTS.values()]
    assert len(set(made)) == 4
    assert nothing == empty == digest("Re: ", own) == ""
    assert ", size: %z#\n[? [:supplementary_info|RELEVO_SUBJECT] ||, subject: " in done.stdout
    assert done.stdout.endswith("]#\n, %y ms#\n]\n")


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

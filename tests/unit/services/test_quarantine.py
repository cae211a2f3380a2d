from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.model import Cluster
from relevo.directory.chore_notes import note
from relevo.services import amavis, postfix
from relevo.services.base import Context
from relevo.services.quarantine.health import judge, judge_held, probes
from relevo.services.quarantine.settings import hours
from tests.unit.services.golden import check_golden, rendered


def test_files(context: Callable[[str], Context]) -> None:
    check_golden("quarantine", context("mail01"))


def test_with_no_days_nothing_is_kept_and_nothing_leads_there(
    cluster: Cluster, context: Callable[[str], Context]
) -> None:
    none = cluster.model_copy(update={"filter": cluster.filter.model_copy(update={"quarantine_days": 0})})
    for ctx, kept in ((context("mail01"), True), (replace(context("mail01"), cluster=none), False)):
        hooks = _text(ctx, amavis.SERVICE.name, "etc/amavis/conf.d/65-relevo-hooks")
        assert ("do_quarantine" in hooks) is kept
        assert "sub checks" in hooks  # what is said of senders counts all the same
        for name in ("main.cf", "master.cf"):
            assert ("quarantine" in _text(ctx, postfix.SERVICE.name, f"etc/postfix/{name}").replace(
                "relevo-quarantine", "").replace("writes to the quarantine", "")) is kept


def test_nobody_can_send_to_the_quarantine_from_outside_or_logged_in(context: Callable[[str], Context]) -> None:
    main = _text(context("mail01"), "postfix", "etc/postfix/main.cf")
    restrictions = main[main.index("smtpd_recipient_restrictions"):]
    assert restrictions.index("Nobody writes to the quarantine") < restrictions.index("check_policy_service")
    submission = _text(context("mail01"), "postfix", "etc/postfix/master.cf").split("# --- from Amavis")[0]
    assert "smtpd_recipient_restrictions" not in submission  # main.cf's hold there, too


def _text(ctx: Context, service: str, path: str) -> str:
    return rendered(service, ctx)[path].decode()


STANDING = 1_000_000.0  # when this node got the mailboxes


def _state(**told: object) -> str:
    given = {"at": STANDING + 60, "failures": 0, "trouble": "", "said": "2 lists sent", "made": STANDING + 60, **told}
    return json.dumps(given)


@pytest.mark.parametrize(
    ("text", "hours", "said"),
    [
        ("", 1, "none is due yet"),
        (_state(), 2, "2 lists sent, 2 hours ago"),
        (_state(failures=1, trouble="no"), 1, "2 lists sent"),
        (_state(failures=3, trouble="no", at=STANDING - 60), 1, "2 lists sent"),  # when it had the mailboxes before
    ],
)
def test_the_daily_lists_are_well(text: str, hours: float, said: str) -> None:
    assert said in judge(text, STANDING + 3600 * hours, STANDING)


@pytest.mark.parametrize(
    ("text", "hours", "because"),
    [
        (_state(failures=2, trouble="Postfix does not take it"), 1, "Postfix does not take it"),
        (_state(), 30, "for 30 hours no lists"),
        ("", 27, "for 27 hours no lists"),
        ("[]", 1, "it says of itself"), ("{", 1, "it says of itself"),
    ],
)
def test_the_daily_lists_are_not_well(text: str, hours: float, because: str) -> None:
    with pytest.raises(ProbeFailed, match=because):
        judge(text, STANDING + 3600 * hours, STANDING)


def test_the_other_node_says_nothing_of_them() -> None:
    assert judge(_state(failures=9), STANDING, None) == "the other node's matter"


@pytest.mark.parametrize("wanted", [True, False])
def test_lists_are_asked_for_only_where_they_are_sent(tmp_path: Path, wanted: bool) -> None:
    folders = {"digest_state": str(tmp_path), "held_state": str(tmp_path), "quota_link": str(tmp_path / "gate")}
    asked = probes({"digest": "yes" if wanted else "no", **folders})
    assert [probe.name for probe in asked] == ["held", *(["digest"] if wanted else [])]
    assert {probe.check(Deadline(1)) for probe in asked} == {"the other node's matter"}


@pytest.mark.parametrize(
    ("text", "minutes", "said"),
    [
        ("", 1, "not looked yet"), (_state(), 30, "29 minutes ago"),
        (_state(failures=1, trouble="no"), 2, "1 minutes ago"),
    ],
)
def test_owners_of_lists_hear_of_posts(text: str, minutes: float, said: str) -> None:
    assert said in judge_held(text, STANDING + 60 * minutes, STANDING)


@pytest.mark.parametrize(
    ("text", "minutes", "because"),
    [
        (_state(failures=2, trouble="owners not told yet: 3"), 1, "owners not told yet: 3"),
        (_state(), 32, "for 31 minutes no owner"), ("", 31, "for 31 minutes no owner"), ("[]", 1, "it says of itself"),
    ],
)
def test_owners_of_lists_do_not_hear_of_posts(text: str, minutes: float, because: str) -> None:
    with pytest.raises(ProbeFailed, match=because):
        judge_held(text, STANDING + 60 * minutes, STANDING)
    assert judge_held(text, STANDING, None) == "the other node's matter"


@pytest.mark.parametrize(("first", "written"), [(0, "00..23"), (7, "07..23"), (23, "23")])
def test_the_hours_of_the_timer(first: int, written: str) -> None:
    assert hours(first) == written


def test_what_is_left_for_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for _attempt in range(2):
        note(path, trouble="Postfix does not take it")
    with pytest.raises(ProbeFailed, match="Postfix does not take it"):
        judge(path.read_text(), time.time(), 0.0)
    note(path, said="2 lists sent")
    note(path)  # later that day there is nothing to do
    assert judge(path.read_text(), time.time(), 0.0) == "2 lists sent, 0 hours ago"

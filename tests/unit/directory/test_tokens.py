from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relevo.directory import administrators, audit, describe, kept_answers, tokens
from relevo.directory.api_models import ApiToken, KeptAnswer
from relevo.directory.kept_answers import Answer
from relevo.directory.models import AuditEntry
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"


@pytest.fixture
def root(platform) -> str:
    return administrators.add("root@elsewhere.example", STRONG, role="global").address


@pytest.fixture
def helper(platform) -> str:
    return administrators.add("helper@elsewhere.example", STRONG, domains=["example.org"]).address


def test_a_token_is_known_again_and_stands_nowhere(root):
    made = tokens.add(root, "CRM", scopes=["mailboxes:write", "domains:read"], days=30)
    assert made.plain.startswith("relevo_")
    assert len(made.plain) == len("relevo_") + 64
    assert tokens.recognise(made.plain) == made
    assert made.plain not in str(list(ApiToken.objects.values()))
    assert tokens.recognise(made.plain[:-1]) is None
    assert tokens.recognise(made.digest) is None
    told = describe.token(ApiToken.objects.get())
    assert (told["name"], told["administrator"], told["last_used"]) == ("CRM", root, None)
    assert told["scopes"] == ["domains:read", "mailboxes:write"]
    days = (made.expires_at - timezone.now()) / timedelta(days=1)
    assert 29.9 < days < 30


def test_no_two_tokens_are_alike(root):
    assert len({tokens.add(root, "CRM").plain for _ in range(20)}) == 20


def test_without_scopes_it_reads_what_its_administrator_sees(root, helper):
    assert tokens.add(root, "x").scopes == [f"{kind}:read" for kind in tokens.KINDS]
    assert "administrators:read" not in tokens.add(helper, "x").scopes
    assert not [scope for scope in tokens.add(helper, "x").scopes if scope.endswith("write")]


def test_who_may_write_may_read_and_not_the_other_way_round(root):
    writing = tokens.add(root, "x", scopes=["mailboxes:write"])
    reading = tokens.add(root, "x", scopes=["mailboxes:read"])
    assert tokens.may(writing, "mailboxes:read")
    assert not tokens.may(reading, "mailboxes:write")
    assert not tokens.may(writing, "domains:read")


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"name": ""}, "1 to 100"), ({"name": "x" * 101}, "1 to 100"), ({"name": "a\nb"}, "1 to 100"),
        ({"scopes": []}, "at least one"), ({"scopes": ["mailboxes"]}, "is no scope"),
        ({"scopes": ["audit:write"]}, "is no scope"), ({"scopes": ["administrators:read"]}, "no global administrator"),
        ({"days": 0}, "1 to 730"), ({"days": 731}, "1 to 730"), ({"address": "nobody@example.org"}, "no administrator"),
    ],
)
def test_what_is_refused(helper, given, because):
    wanted = {"address": helper, "name": "CRM", **given}
    with pytest.raises(DirectoryError, match=because):
        tokens.add(**wanted)
    assert not ApiToken.objects.exists()


def test_a_removed_token_is_nobodys(root):
    made = tokens.add(root, "CRM")
    tokens.remove(made.pk)
    assert tokens.recognise(made.plain) is None
    with pytest.raises(DirectoryError, match="no token"):
        tokens.remove(made.pk)


def test_tokens_go_with_their_administrator(root, helper):
    token = tokens.add(helper, "CRM")
    kept_answers.once(token, "key", b"request", lambda: Answer(201, {}, "{}"))
    administrators.remove(helper)
    assert not ApiToken.objects.exists()
    assert not KeptAnswer.objects.exists()


def test_what_is_done_with_tokens_is_in_the_audit_log_for_global_administrators(helper):
    made = tokens.add(helper, "CRM", scopes=["audit:read"], days=1)
    tokens.remove(made.pk)
    removed, added = AuditEntry.objects.all()[:2]
    assert (added.action, added.subject) == ("admin.token.add", helper)
    assert added.detail == {"id": made.pk, "name": "CRM", "scopes": ["audit:read"], "days": 1}
    assert (removed.action, removed.detail) == ("admin.token.remove", {"id": made.pk, "name": "CRM"})


def test_who_acts_by_a_token_is_forgotten_with_the_request(root):
    with audit.acting("", "192.0.2.7"):
        audit.act_as(root, "CRM")
        audit.record("mailbox.set", "ana@example.org")
    audit.record("mailbox.set", "ana@example.org")
    after, during = AuditEntry.objects.all()[:2]
    assert (during.actor, during.source, during.detail) == (root, "192.0.2.7", {"token": "CRM"})
    assert (after.actor != root, after.source, after.detail) == (True, "", {})


def test_an_answer_is_kept_for_its_token_key_and_request(root):
    token, other = tokens.add(root, "CRM"), tokens.add(root, "ERP")
    made: list[str] = []

    def make() -> Answer:
        made.append("made")
        return Answer(201, {"ETag": '"x"'}, f"{len(made)}")

    assert kept_answers.once(token, "key", b"request", make) == Answer(201, {"ETag": '"x"'}, "1")
    assert kept_answers.once(token, "key", b"request", make) == Answer(201, {"ETag": '"x"'}, "1", is_again=True)
    assert kept_answers.once(token, "key", b"other", make) is None
    assert kept_answers.once(token, "KEY", b"request", make) == Answer(201, {"ETag": '"x"'}, "2")
    assert kept_answers.once(other, "key", b"request", make) == Answer(201, {"ETag": '"x"'}, "3")


def test_what_was_refused_leaves_no_answer(root):
    def refuse() -> Answer:
        raise DirectoryError("no")

    with pytest.raises(DirectoryError):
        kept_answers.once(tokens.add(root, "CRM"), "key", b"request", refuse)
    assert not KeptAnswer.objects.exists()

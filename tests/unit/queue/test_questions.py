"""Nothing reaches Postfix but what is on the list."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.queue.questions import CHANGES, ID, MOST_IDS, Refused, parse


def asked(**told):
    return parse(json.dumps(told).encode())


def test_a_question_with_all_its_parts():
    question = asked(
        do="list", states=["deferred"], words=["Some", "Words"], sender="Ana@", recipient="X@", domains=["a.example"],
        after="AAAAAA", limit=7, node="mail01",
    )
    wanted = question.wanted
    assert (wanted.words, wanted.sender, wanted.recipient, wanted.limit) == (("some", "words"), "ana@", "x@", 7)
    assert (wanted.states, wanted.domains, wanted.after) == ({"deferred"}, {"a.example"}, "AAAAAA")
    assert json.loads(question.passed_on()) == {**question.told, "here": True}
    assert asked(do="list").wanted.domains is None
    assert asked(do="list", domains=[]).wanted.domains == frozenset()


@pytest.mark.parametrize("number", ["4jcKGs3y4kz2FqvN", "3F2A1B", "4C1B2D3E4F5"])
def test_ids_of_postfix(number):
    assert asked(do="delete", ids=[number, number], at="mail01", of="mail01").ids == (number,)


@pytest.mark.parametrize("number", [
    "ALL", "-", "-d", "", "../../etc", "3F2A1B\n", "3F2A 1B", "3F2A1B;x", "ñññññññ", "A" * 33, 7, None, "٣٣٣٣٣٣",
])
def test_what_is_no_id_is_refused(number):
    for do in CHANGES:
        with pytest.raises(Refused):
            asked(do=do, ids=[number], at="mail01", of="mail01")
    with pytest.raises(Refused):
        asked(do="headers", id=number, at="mail01", of="mail01")


@pytest.mark.parametrize("told", [
    {}, {"do": "nothing"}, {"do": ["list"]}, {"do": "list", "command": "x"}, {"do": "delete"},
    {"do": "delete", "ids": ["3F2A1B"]}, {"do": "delete", "ids": [], "at": "mail01", "of": "mail01"},
    {"do": "delete", "ids": "3F2A1B", "at": "mail01", "of": "mail01"},
    {"do": "delete", "ids": ["3F2A1B"], "at": "../x", "of": "mail01"},
    {"do": "delete", "ids": [f"{number:06}" for number in range(MOST_IDS + 1)], "at": "mail01", "of": "mail01"},
    {"do": "list", "limit": 0}, {"do": "list", "limit": True}, {"do": "list", "limit": 10**6},
    {"do": "list", "states": ["x"]},
    {"do": "list", "sender": 7}, {"do": "list", "words": [["x"]]}, {"do": "list", "domains": "a.example"},
    {"do": "list", "sender": "x" * 401}, {"do": "retry-all", "who": "ana\nroot: delete of 9"},
])
def test_what_is_not_on_the_list_is_refused(told):
    with pytest.raises(Refused):
        asked(**told)


@pytest.mark.parametrize("line", [b"", b"list", b"[]", b'"list"', b"\xff", b'{"do": "list"', b"[" * 200_000])
def test_what_is_no_question_is_refused(line):
    with pytest.raises(Refused):
        parse(line)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5,
)
fields = st.sampled_from(["do", "ids", "id", "at", "of", "node", "states", "limit", "words", "who", "here", "domains"])


@given(st.dictionaries(fields, json_values | st.sampled_from([*CHANGES, "list", "headers", "mail01", ["3F2A1B"]])))
def test_whatever_comes_is_refused_or_safe(told):
    try:
        question = asked(**told)
    except Refused:
        return
    assert all(ID.fullmatch(one) and not one.startswith("-") for one in question.ids)
    assert question.do not in CHANGES or (question.ids and question.at and question.of)

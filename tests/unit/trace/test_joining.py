"""From the lines of two nodes to one trace a message: real ones, torn apart, shuffled and cut off."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relevo.trace.index import Entry
from relevo.trace.joining import told, traces
from relevo.trace.letters import RESULTS
from relevo.trace.lines import Line, parse
from relevo.trace.parts import part
from relevo.trace.questions import Wanted
from tests.unit.trace.nodes import DOMAIN, RELEASES, Nodes, lines

ANA, MARIA = f"ana@{DOMAIN}", "maria@elsewhere.example"
# What each message came to: case -> (recipients with their results, results)
EXPECTED = {
    "clean with TLS": ({ANA: "delivered"}, {"delivered"}),
    "clean without TLS, two recipients, one with a tag, a large letter": (
        {f"ana+shop@{DOMAIN}": "delivered", f"mia@{DOMAIN}": "delivered"}, {"delivered"}),
    "forwarded by sieve": ({f"luis@{DOMAIN}": "delivered", "luis@remote.example": "delivered"}, {"delivered"}),
    "alias to inside and outside": ({ANA: "delivered", "x@remote.example": "delivered"}, {"delivered"}),
    "virus": ({ANA: "rejected"}, {"rejected", "virus"}),
    "blatant spam": ({ANA: "rejected"}, {"rejected", "spam"}),
    "spam into Junk": ({ANA: "delivered"}, {"delivered", "spam"}),
    "banned attachment": ({ANA: "rejected", f"mia@{DOMAIN}": "rejected"}, {"rejected"}),
    "bounced by the other server": ({"nobody@remote.example": "bounced"}, {"bounced"}),
    "greylisted": ({"grey@remote.example": "expired"}, {"expired"}),
    "refused connection": ({"x@refused.example": "delivered"}, {"delivered"}),  # after an adoption
    "not in DNS": ({"x@nowhere.example": "deleted"}, {"deleted"}),
    "full mailbox": ({f"full@{DOMAIN}": "expired"}, {"expired"}),
    "virus by a user": ({"x@remote.example": "rejected"}, {"rejected", "virus"}),
}
NUMBERS = {name: number for number, name in enumerate((
    "clean with TLS", "clean without TLS, two recipients, one with a tag, a large letter", "a folder by sieve",
    "forwarded by sieve", "vacation", "discarded by sieve", "rejected by sieve", "alias to inside and outside",
    "alias to three", "virus", "blatant spam", "spam into Junk", "banned attachment",
), 1)} | {
    "full mailbox": 20, "bounced by the other server": 23, "greylisted": 24, "refused connection": 25, "not in DNS": 26,
    "virus by a user": 28,
}


def other_node(line: Line, ids: set[str]) -> bool:
    """Tell whether the node that has the virtual IP, or has adopted the queue, would have written a line."""
    event = parse(line)
    by_sieve = event is not None and event.key in ids
    return line.program == "dovecot" or line.program.startswith("postfix-adopted") or by_sieve


def given_by_sieve(some: list[Line]) -> set[str]:
    """Return the queue ids of what Dovecot has handed in, and of what the filter has made of these."""
    events = [event for line in some if (event := parse(line))]
    ids = {event.key for event in events if event.kind == "handed" and event.told["uid"] == "5000"}
    return ids | {event.link for event in events if event.link and event.key in ids}


def torn(nodes: Nodes, some: list[Line], portion: int = 23) -> Nodes:
    ids = given_by_sieve(some)
    nodes.write("mail01", [line for line in some if not other_node(line, ids)], portion)
    nodes.write("mail02", [line for line in some if other_node(line, ids)], portion)
    return nodes


@pytest.fixture(scope="module", params=RELEASES)
def found(request, tmp_path_factory) -> dict[str, dict]:
    """All traces of a release by their Message-ID, with all that happened; half of it was on the other node."""
    nodes = torn(Nodes(tmp_path_factory.mktemp("nodes")), lines(request.param))
    answer = nodes.search(limit=200, whole=True)
    assert answer["next"] is None
    assert nodes.asked < 15  # questions do not grow with what is found
    return {one["message_id"] or one["id"]: one for one in answer["traces"]}


def of(found: dict[str, dict], case: str) -> dict:
    (trace,) = [one for name, one in found.items() if name.startswith(f"m{NUMBERS[case]}.")]
    return trace


@pytest.mark.parametrize("case", EXPECTED)
def test_what_became_of_it(found, case):
    trace = of(found, case)
    recipients, results = EXPECTED[case]
    assert {one["address"]: one["result"] for one in trace["recipients"]} == recipients
    assert set(trace["results"]) == results


@pytest.mark.parametrize(("case", "kinds"), [
    ("clean with TLS", ["accepted", "filtered", "taken", "stored", "delivered"]),
    ("forwarded by sieve", [
        "accepted", "filtered", "taken", "handed", "forwarded", "delivered", "taken", "filtered", "taken", "passed",
        "delivered",
    ]),
    ("virus", ["filtered", "rejected"]),
    ("bounced by the other server", [
        "accepted", "filtered", "taken", "bounced", "taken", "notice", "delivered", "stored",
    ]),
    ("refused connection", ["accepted", "taken", "deferred", "held", "released", "adopted", "delivered"]),
])
def test_what_happened(found, case, kinds):
    steps = [step["kind"] for step in of(found, case)["steps"]]
    assert sorted(steps) == sorted([*kinds, *(["filtered"] if case == "refused connection" else [])])
    assert steps[0] in {"accepted", "filtered"}


def test_who_and_how(found):
    trace = of(found, "bounced by the other server")
    (first,) = [step for step in trace["steps"] if step["kind"] == "accepted"]
    assert (trace["sender"], trace["user"], trace["client"]) == (ANA, ANA, "203.0.113.6")
    assert (first["told"]["version"], first["told"]["service"]) == ("TLSv1.3", "submission")
    assert len(first["lines"]) == 3
    (signed,) = [step["told"] for step in trace["steps"] if step["kind"] == "filtered"]
    assert (signed["verdict"], signed["score"], bool(signed["signed"])) == ("CLEAN", "0.699", True)
    assert [step["is_notice"] for step in trace["steps"] if step["kind"] == "stored"] == [True]


def test_both_nodes_are_in_one_trace(found):
    assert of(found, "clean with TLS")["nodes"] == ["mail01", "mail02"]
    adopted = of(found, "refused connection")
    assert adopted["nodes"] == ["mail01", "mail02"]
    last = [(step["node"], step["kind"]) for step in adopted["steps"][-2:]]
    assert last == [("mail02", "adopted"), ("mail02", "delivered")]
    assert adopted["id"] == next(step["told"]["id"] for step in adopted["steps"] if step["kind"] == "taken")


def test_attempts_that_end_alike_are_one_step(found):
    (put_off,) = [step for step in of(found, "greylisted")["steps"] if step["kind"] == "deferred"]
    assert (put_off["count"], put_off["until"] > put_off["at"]) == (2, True)


def test_refusals_are_traces_of_their_own(found):
    refused = [one for name, one in found.items() if name.startswith("door.")]
    answers = {one["recipients"][0]["reason"].split(";")[0] for one in refused if one["recipients"]}
    for words in ("User unknown", "Relay access denied", "Helo command rejected", "Log in to", "not owned by user"):
        assert any(words in answer for answer in answers), words
    assert any("Protocol error" in answer for answer in answers)  # of postscreen
    assert all(set(one["results"]) == {"rejected"} for one in refused)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(RELEASES), st.integers(0, 10**6), st.tuples(st.integers(0, 560), st.integers(0, 560)),
    st.integers(1, 90),
)
def test_lines_that_are_cut_off_lose_nothing_else(tmp_path_factory, release, seed, cuts, portion):
    some = lines(release)[min(cuts): max(cuts)]
    nodes = torn(Nodes(tmp_path_factory.mktemp("cut")), some, portion)
    shown = nodes.traces(limit=500, whole=True)
    said = {line for one in shown for step in one["steps"] for line in step["lines"]}
    for line in some:
        event = parse(line)
        if event and event.kind in {"filtered", "stored", "handed"}:
            assert f"{line.program}[{line.pid}]: {line.text}" in said
    for one in shown:
        assert set(one["results"]) <= set(RESULTS)
        assert nodes.traces(words=[["key", one["id"]]])[0]["id"] == one["id"]
    assert len({one["id"] for one in shown}) == len(shown)
    random.Random(seed).shuffle(some)  # noqa: S311 - parts in any order
    parts = [
        part(node, {"key": event.key, "at": line.at, "links": [event.link] if event.link else [], "lines": [line]})
        for line in some if (event := parse(line)) and event.key for node in ["mail01"]
    ]
    for trace in traces(parts):
        told(trace, whole=True)


@pytest.mark.parametrize("release", RELEASES)
def test_filters_of_both_nodes_together(tmp_path, release):
    nodes = torn(Nodes(tmp_path), lines(release))

    def ids(**wanted) -> set[str]:
        return {one["id"] for one in nodes.traces(limit=500, **wanted)}

    everything = nodes.traces(limit=500)
    for result in RESULTS:
        assert ids(result=result) == {one["id"] for one in everything if result in one["results"]}, result
    # mail01 knows it as deferred, mail02 has delivered it out of the adopted queue
    adopted = next(one for one in everything if one["message_id"].startswith("m25."))
    assert adopted["id"] in ids(result="delivered")
    assert adopted["id"] not in ids(result="deferred")
    assert ids(sender=ANA, recipient="@remote.example") < ids(sender=ANA)
    assert ids(client="203.0.113.6") <= {one["id"] for one in everything if one["client"] == "203.0.113.6"}
    assert ids(words=[["message_id", adopted["message_id"]]]) == {adopted["id"]}


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_pages_have_each_trace_once(tmp_path, limit):
    nodes = torn(Nodes(tmp_path), lines("debian-13"))
    seen, before = [], None
    for _turn in range(100):
        answer = nodes.search(limit=limit, **({"before": before} if before else {}))
        assert len(answer["traces"]) <= limit
        seen += [one["id"] for one in answer["traces"]]
        if not (before := answer["next"]):
            break
    assert before is None
    assert len(seen) == len(set(seen))
    assert set(seen) == {one["id"] for one in nodes.traces(limit=500)}


def test_a_node_that_does_not_answer_is_named_and_the_other_one_told(tmp_path):
    nodes = torn(Nodes(tmp_path), lines("debian-13"))
    nodes.silent.add("mail02")
    answer = nodes.search(words=[["message_id", "m1.trixie@elsewhere.example"]], whole=True)
    assert [(one["node"], one["silent"]) for one in answer["nodes"]] == [("mail01", False), ("mail02", True)]
    (trace,) = answer["traces"]
    assert "stored" not in [step["kind"] for step in trace["steps"]]
    nodes.silent = {"mail01"}
    (trace,) = nodes.traces(words=[["message_id", "m1.trixie@elsewhere.example"]], whole=True)
    assert (trace["sender"], trace["results"], trace["recipients"][0]["result"]) == (None, ["delivered"], "delivered")
    assert nodes.traces(words=[["key", trace["id"]]])  # it has a name by which it is found again
    nodes.silent = {"mail01", "mail02"}
    assert [one["silent"] for one in nodes.search()["nodes"]] == [True, True]


def test_the_filter_counts_anew_after_a_boot(tmp_path):
    """Two messages with the same number are two traces."""
    nodes = Nodes(tmp_path)
    some = [line for line in lines("debian-13") if "00245-04" in line.text or "240" in str(line.pid)]
    nodes.write("mail01", some)
    later = [Line(line.at + 86400 * 10**6, *line[1:3], line.text.replace("m10.trixie", "m99.trixie")) for line in some]
    nodes.indexes["mail01"].take(Entry(line, "ffffffffffff", "x") for line in later)
    nodes.indexes["mail01"].write()
    for number in ("m10", "m99"):
        (trace,) = nodes.traces(words=[["message_id", f"{number}.trixie@elsewhere.example"]])
        assert trace["message_id"].startswith(number)


def test_where_a_trace_stands_is_where_its_newest_part_stands(tmp_path):
    nodes = torn(Nodes(tmp_path), lines("debian-13"))
    (trace,) = traces([part("mail01", {"key": "4jcPaa", "at": 1, "links": [], "lines": []})])
    assert trace.place(Wanted()) == (1, "4jcPaa")
    assert trace.place(Wanted(since=2)) is None
    assert nodes.traces(limit=1)[0]["last"] > 0

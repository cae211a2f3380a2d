"""A program that adds entries by the API while the active node dies asks again, and nothing is made twice or missing.

Given a program with a token of an administrator of one domain, which adds aliases one after the other,
when the active node loses power (outside a lab: hands over) and what had no answer is sent again with the same key,
then each is there, made once; a repeated request gets the first answer, whichever node gives it; a change of what has
changed meanwhile is refused; and a token that is removed opens nothing any more.
"""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection

from relevo.drills import losing
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.mending import whole_again
from relevo.drills.tidy import removed
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

_ADDED, _BEFORE = 12, 4  # aliases; how many of them are there when the node dies
_AGAIN_SECONDS, _BACK_SECONDS = 3.0, 30.0  # how long an answer is waited for; how long it is asked again
_OK, _CREATED, _UNAUTHORIZED, _STALE = 200, 201, 401, 412  # RFC 9110
_NOT_NOW = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Program:
    """A client of the API; the token never appears in what the object says of itself."""

    world: World
    token: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask once, over a connection of its own; raises OSError or HTTPException when there is no answer."""
        world = self.world
        connection = HTTPSConnection(world.cluster.vip, timeout=_AGAIN_SECONDS, context=world.tls())
        sent = {"Host": world.cluster.hostname, "Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), sent)
            got = connection.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read().decode())
        finally:
            connection.close()

    def insist(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask until there is an answer that is one."""
        def once() -> Answer | None:
            try:
                answer = self.ask(method, path, body, **headers)
            except HTTPException as error:
                raise DrillError(str(error)) from None
            return None if answer.status in _NOT_NOW else answer

        return eventually(once, within=_BACK_SECONDS, every=0.1, what=_("an answer of the API"))

    def add(self, number: int) -> Answer:
        """Add an alias, with a key of its own, which means something for this token only."""
        wanted = {"address": _alias(self.world, number), "to": [self.world.accounts.a.address]}
        return self.insist("POST", "aliases", wanted, **{"Idempotency-Key": f"drill-{number}"})


def run(world: World) -> None:
    """Do as a program does."""
    world.until_healthy()
    address = f"drill-program@{world.cluster.domain}"
    gone = [["admin", "remove", "--yes", address], *(["alias", "remove", _alias(world, n)] for n in range(_ADDED))]
    with removed(world, gone):
        domain = ["--domain", world.cluster.domain]
        world.relevo(["admin", "add", address, *domain, "--password-stdin"], random.token_urlsafe(18) + "\n")
        made = world.relevo(["token", "add", address, "--name", "drill", "--scope", "aliases:write", "--days", "1"])
        program = Program(world, made.split()[-1])
        _over_a_failover(world, program)
        _changed_meanwhile(world, program)
        _token_removed(world, program, address)


def _over_a_failover(world: World, program: Program) -> None:
    victim = world.active
    with world.checking(
        _("a failover while a program adds aliases"), tried=losing.in_words(world, victim),
        expected=_("each is made once; the first answer comes again, and mail to them arrives"),
    ) as check:
        answers = [program.add(number) for number in range(_BEFORE)]
        losing.lose(world, victim)
        answers += [program.add(number) for number in range(_BEFORE, _ADDED)]
        again = program.add(0)
        listed = json.loads(program.insist("GET", "aliases?search=drill-api").body)["items"]
        made = letter(world.stranger, _alias(world, _ADDED - 1), "programs")
        world.mail.send(made.raw, world.stranger, [_alias(world, _ADDED - 1)])
        world.mailbox(world.accounts.a).read(made.token)
        created = sum(answer.status == _CREATED for answer in answers)
        same = again.body == answers[0].body and again.headers.get("Idempotency-Replayed") == "true"
        check.saw(
            _("{created} of {count} made, {listed} listed; the first answer again: {same}; mail to the last arrived")
            .format(created=created, count=_ADDED, listed=len(listed), same=same),
            good=created == len(listed) == _ADDED and same,
        )
    whole_again(world, _("programs"))


def _changed_meanwhile(world: World, program: Program) -> None:
    with world.checking(
        _("an entry that has changed meanwhile"), tried=_("change it twice with the ETag that was read once"),
        expected=_("the first change is made, the second one refused"),
    ) as check:
        path = f"aliases/{_alias(world, 0)}"
        tag = {"If-Match": program.insist("GET", path).headers["ETag"]}
        said = [program.insist("PATCH", path, {"enabled": on}, **tag).status for on in (False, True)]
        check.saw(" ".join(map(str, said)), good=said == [_OK, _STALE])


def _token_removed(world: World, program: Program, address: str) -> None:
    with world.checking(
        _("a token that is removed"), tried="relevo token remove", expected=_("the next request is refused"),
    ) as check:
        tokens = json.loads(world.relevo(["token", "list", "--format", "json"]))
        numbers = [entry["id"] for entry in tokens if entry["administrator"] == address]
        for number in numbers:
            world.relevo(["token", "remove", "--yes", str(number)])
        said = program.insist("GET", "aliases").status
        check.saw(str(said), good=bool(numbers) and said == _UNAUTHORIZED)


def _alias(world: World, number: int) -> str:
    return f"drill-api-{number}@{world.cluster.domain}"


DRILL = Drill(
    "programs", _("Programs"),
    _("What a program adds by the API is made once, over a failover too, and a token that is removed opens nothing."),
    run,
)

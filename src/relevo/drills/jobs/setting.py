"""What is there while the jobs are done: two domains, their people, and a program that looks after the effects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser

from relevo.drills.jobs.api import Api
from relevo.drills.jobs.office import Office
from relevo.drills.jobs.people import DOMAINS, HOME, OTHER, People
from relevo.drills.jobs.place import Place
from relevo.errors import RelevoError

_SCOPES = (
    "domains:write", "mailboxes:write", "aliases:write", "lists:write", "queue:read", "quarantine:read", "trace:read",
    "administrators:write", "audit:read", "status:read",
)


@contextmanager
def furnished(place: Place, browser: Browser) -> Iterator[Office]:
    """Make all of it, and remove it again with whatever the jobs have left."""
    people = People.new()
    api = _program(place, people)
    office = Office(place, people, api, browser)
    try:
        clear(place, api)
        _furnish(api, people)
        yield office
    finally:
        office.close()
        clear(place, api)
        place.relevo(["admin", "remove", "--yes", "--last", people.everything.address])


def _program(place: Place, people: People) -> Api:
    """Make the global administrator and a token of theirs; who is left of a run that was broken off goes first."""
    address = people.everything.address
    with suppress(RelevoError):
        place.relevo(["admin", "remove", "--yes", "--last", address])
    place.relevo(["admin", "add", address, "--global", "--password-stdin"], people.everything.password + "\n")
    scopes = [word for scope in _SCOPES for word in ("--scope", scope)]
    made = place.relevo(["token", "add", address, "--name", "drill", "--days", "1", *scopes])
    return Api(place, made.split()[-1])


def _furnish(api: Api, people: People) -> None:
    for name in (HOME, OTHER):
        api.add("domains", name=name)
    for account, name in ((people.ana, "Ana"), (people.luis, "Luis"), (people.other, "Otra")):
        api.add("mailboxes", address=account.address, password=account.password, name=name)
    api.add("administrators", address=people.local.address, password=people.local.password, domains=[HOME])


def clear(place: Place, api: Api) -> None:
    """Remove the jobs' domains with all that is in them, and their administrators."""
    for one in api.read("administrators?search=drill-")["items"]:
        if one["role"] == "domain" and one["address"].endswith(f"@admins.{HOME}"):
            api.remove(f"administrators/{one['address']}")
    there = [name for name in DOMAINS if api.has(f"domains/{name}")]
    for name in there:
        if api.fields(f"domains/{name}", "catch_all") != ("",):
            api.change(f"domains/{name}", catch_all="")
        _empty(place, api, name)
    for name in there:
        api.remove(f"domains/{name}")


def _empty(place: Place, api: Api, domain: str) -> None:
    for kind in ("lists", "aliases"):
        for one in api.read(f"{kind}?domain={domain}&limit=200")["items"]:
            if not one.get("automatic"):
                api.remove(f"{kind}/{one['address']}")
    boxes = api.read(f"mailboxes?domain={domain}&limit=200")["items"]
    for one in boxes:
        api.remove(f"mailboxes/{one['address']}", "?everywhere=true")
    removed = api.read(f"mailboxes?domain={domain}&removed=true&limit=200")["items"]
    for address in sorted({one["address"] for one in removed}):
        place.relevo(["mailbox", "purge", "--yes", address])

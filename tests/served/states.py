"""Pages that no address alone leads to: answers to forms, second questions, what is shown once, and what is empty."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from playwright.sync_api import Page as Browsed

from relevo.drills.jobs.desk import Desk
from tests.served.who import FIRST, OWNER, OWNER_WITH_FACTOR, PASSWORD, WITH_FACTOR

_NUMBERS = count(500)


class State(NamedTuple):
    """A page by what leads to it; a desk of `who` has it before it afterwards."""

    who: str
    name: str
    lead: Callable[[Desk], None]


def _search(desk: Desk) -> None:
    desk.go("/admin/directory/mailbox/?q=zzz")


def _filters(desk: Desk) -> None:
    desk.go(f"/admin/directory/mailbox/?q=persona&domain={FIRST}")
    desk.page.locator("[x-on\\:click='filterOpen = true']").click()


def _wrong_form(desk: Desk) -> None:
    desk.go("/admin/directory/mailbox/add/")
    desk.fill(local_part="dos palabras", domain=FIRST, password="corta", again="otra")
    desk.push("button[name=_save]:visible, input[name=_save]:visible")


def _wrong_login(desk: Desk) -> None:
    desk.go("/admin/login/")
    desk.fill(username="x@y.example", password="x")
    desk.push("button[type=submit]:visible")


def _wrong_owner(desk: Desk) -> None:
    desk.go("/account/login/")
    desk.fill(address="x@y.example", password="x")
    desk.push("main form button:visible")


def _second_step(desk: Desk) -> None:
    desk.go("/admin/login/")
    desk.fill(username=WITH_FACTOR, password=PASSWORD)
    desk.push("button[type=submit]:visible")


def _owners_second_step(desk: Desk) -> None:
    desk.go("/account/login/")
    desk.fill(address=OWNER_WITH_FACTOR, password=PASSWORD)
    desk.send()


def _delete_question(desk: Desk) -> None:
    desk.go("/admin/queue/?state=hold")
    for box in desk.page.locator("input[name=id]").all()[:3]:
        box.check()
    desk.push("button[name=do][value=delete]")


def _quarantine_question(desk: Desk) -> None:
    desk.go("/admin/quarantine/")
    for box in desk.page.locator("input[name=id]").all()[:3]:
        box.check()
    desk.push("button[name=do][value=deleted]")


def _posts_question(desk: Desk) -> None:
    desk.go("/admin/held/")
    for box in desk.page.locator("input[name=id]").all()[:2]:
        box.check()
    desk.push("button[name=do][value=deleted]")


def _key_question(desk: Desk) -> None:
    desk.open_entry("domain", FIRST)
    desk.follow("/dns")
    desk.push("button[value=retire]")


def _import(desk: Desk, table: str) -> None:
    desk.go("/admin/directory/mailbox/import/")
    desk.page.set_input_files("input[type=file]", {"name": "t.csv", "mimeType": "text/csv", "buffer": table.encode()})
    desk.push("form[enctype] button[type=submit]:visible")


def _import_plan(desk: Desk) -> None:
    _import(desk, f"address,name,quota_mb\n{OWNER},Ana María,512\npersona.20@{FIRST},Óscar,\n")


def _import_mistakes(desk: Desk) -> None:
    rows = f"{OWNER},Ana,mucho,\nno es una dirección,X,,\nx@ajeno.example,Y,,corta\n"
    _import(desk, f"address,name,quota_mb,password\n{rows}")


def _import_done(desk: Desk) -> None:
    _import(desk, f"address,name,quota_mb\n{OWNER},Ana María,{next(_NUMBERS)}\n")
    desk.push("button[name=carry]")


def _token(desk: Desk) -> None:
    desk.go("/admin/directory/apitoken/add/")
    desk.fill(name="CRM", days="9")
    desk.tick("mailboxes:read")
    desk.save()


def _traced(desk: Desk) -> None:
    desk.go(f"/admin/trace/?q=@{FIRST}")


def _nothing_traced(desk: Desk) -> None:
    desk.go("/admin/trace/?q=nadie@lejos.example")


def _program(desk: Desk) -> None:
    desk.go("/account/programs/new/")
    desk.fill(name=f"Teléfono {next(_NUMBERS)}", current=PASSWORD)  # no two have one name
    desk.send()


def _wrong_password(desk: Desk) -> None:
    desk.go("/account/password/")
    desk.fill(current="x", password="corta", again="otra")
    desk.push("main form.card button:visible")


def _expired(desk: Desk) -> None:
    desk.go("/account/password/")
    desk.page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(one => one.value = 'x')")
    desk.fill(current="x", password="x", again="x")
    desk.push("main form.card button:visible")


def _at(path: str) -> Callable[[Desk], None]:
    def lead(desk: Desk) -> None:
        desk.go(path)

    return lead


_EMPTY = ("/admin/", *(f"/admin/{one}/" for one in ("queue", "quarantine", "held", "trace")), *(
    f"/admin/directory/{one}/" for one in ("mailbox", "alias", "distributionlist", "apitoken", "domain")
))
_FACTORS = {"with-factor": ("/admin/factors/", "/admin/factors/app/remove/", "/admin/factors/codes/",
                            "/admin/factors/key/1/remove/"),
            "owner-with-factor": ("/account/", "/account/factor/", "/account/factor/codes/", "/account/factor/remove/")}
STATES = (
    State("", "second-step", _second_step), State("", "owners-second-step", _owners_second_step),
    *(State(who, f"{who}{path.replace('/', '-')}", _at(path)) for who, found in _FACTORS.items() for path in found),
    State("", "wrong-login", _wrong_login), State("", "wrong-owner", _wrong_owner),
    State("global", "search-nothing", _search), State("global", "filters", _filters),
    State("global", "wrong-form", _wrong_form),
    State("global", "no-page", _at("/admin/nothing/")), State("global", "queue-question", _delete_question),
    State("global", "quarantine-question", _quarantine_question),
    State("global", "posts-question", _posts_question), State("global", "dkim-question", _key_question),
    State("global", "import-plan", _import_plan), State("global", "import-mistakes", _import_mistakes),
    State("global", "token-made", _token), State("global", "traced", _traced),
    State("global", "nothing-traced", _nothing_traced),
    State("global", "removed", _at("/admin/directory/mailbox/?removed=yes")),
    State("local", "overview-of-a-domain", _at("/admin/")),
    State("local", "own-domain", _at("/admin/directory/domain/")),
    *(State("empty", f"empty{path.replace('/', '-')}", _at(path)) for path in _EMPTY),
    State("owner", "program-made", _program), State("owner", "wrong-password", _wrong_password),
    State("owner", "expired", _expired),
    *(State("new-owner", f"new-owner-{one or 'overview'}", _at(f"/account/{one}")) for one in (
        "", "programs/", "quarantine/", "senders/", "forwarding/", "absence/",
    )),
    State("global", "import-done", _import_done),
)


def wait(page: Browsed) -> None:
    """Wait until a page is drawn."""
    page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")

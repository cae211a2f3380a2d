"""The jobs of the quarantine, by its administrators and by owners."""

from __future__ import annotations

from typing import Any

from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.waiting import eventually
from relevo.i18n import _

_SECONDS = 60.0


def _released(office: Office) -> str:
    """Look at a copy and deliver it, as the domain's administrator."""
    ana, desk = office.people.ana, office.local
    word = office.place.make_refused(ana.address)
    number = str(_kept(office, word)["id"])
    desk.go(f"/admin/quarantine/{number}/")
    expect(ana.address in desk.text(), number)
    desk.press("button[name=do][value=released]")
    office.place.await_released(ana, word)
    expect(_state(office, word) == "released", _state(office, word))
    return number


def _deleted(office: Office) -> str:
    desk, word = office.local, office.place.make_refused(office.people.ana.address)
    number = str(_kept(office, word)["id"])
    desk.go(f"/admin/quarantine/?q={word}")
    desk.page.check(f"input[name=id][value='{number}']")
    desk.push("button[name=do][value=deleted]")
    expect(_find(office, word), _("it was deleted without an answer"))
    desk.send()
    _gone(office, word)
    return number


def _own_released(office: Office) -> str:
    """Deliver one and allow its sender, as the owner."""
    ana, desk = office.people.ana, office.ana
    word = office.place.make_refused(ana.address)
    _open(office, desk, word)
    desk.press("button[value=allow]")
    office.place.await_released(ana, word)
    return _rule(office, desk)


def _own_blocked(office: Office) -> str:
    """Delete one and block its sender, as the owner."""
    desk, word = office.ana, office.place.make_refused(office.people.ana.address)
    _open(office, desk, word)
    desk.press("button[value=block]")
    _gone(office, word)
    return _rule(office, desk)


def _rule(office: Office, desk: Desk) -> str:
    """Take back what was said of a sender; return it."""
    said = office.place.relevo(["sender", "list", "--format", "json"])
    expect(office.people.ana.address in said, said)
    desk.go("/account/senders/")
    rule = " ".join(desk.page.inner_text("ul.rows li").split())
    desk.press("ul.rows li form button")
    said = office.place.relevo(["sender", "list", "--format", "json"])
    expect(office.people.ana.address not in said, said)
    return rule


def _open(office: Office, desk: Desk, word: str) -> None:
    number = str(_kept(office, word)["id"])
    desk.go("/account/quarantine/")
    expect(desk.page.locator(f"a[href$='/{number}/']").count(), _("it is not in the owner's list"))
    desk.go(f"/account/quarantine/{number}/")


def _kept(office: Office, word: str) -> Any:  # noqa: ANN401 - as the API tells it
    return eventually(lambda: _find(office, word), within=_SECONDS, what=_("the copy in the quarantine"))


def _find(office: Office, word: str) -> Any:  # noqa: ANN401 - the same
    items = office.api.read(f"quarantine?search={word}")["items"]
    return items[0] if items else None


def _state(office: Office, word: str) -> str:
    found = _find(office, word)
    return str(found["recipients"][0]["state"]) if found else "deleted"


def _gone(office: Office, word: str) -> None:
    eventually(lambda: _state(office, word) == "deleted", within=_SECONDS, what=_("the end of the copy"))


JOBS = (
    Job(_("refused mail is looked at and delivered"), _released),
    Job(_("refused mail is deleted, after a second question"), _deleted),
    Job(_("an owner has refused mail delivered, and allows its sender"), _own_released),
    Job(_("an owner deletes refused mail, and blocks its sender"), _own_blocked),
)

"""The jobs of the mail queues."""

from __future__ import annotations

from typing import Any

from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME
from relevo.drills.waiting import eventually
from relevo.i18n import _

NOWHERE = "drill-waits@[192.0.2.77]"  # RFC 5737: nobody has that address
_SECONDS = 30.0


def _held(office: Office) -> str:
    """Put a message on hold and release it, as the domain's administrator."""
    office.place.make_wait(office.people.ana.address, NOWHERE)
    number = eventually(lambda: _deferred(office), within=_SECONDS, what=_("the message to wait"))
    desk = office.local
    _choose(desk, number)
    desk.press("button[name=do][value=hold]")
    eventually(lambda: _state(office) == "hold", within=_SECONDS, what=_("the hold"))
    _choose(desk, number)
    desk.press("button[name=do][value=release]")
    eventually(lambda: _state(office) != "hold", within=_SECONDS, what=_("the end of the hold"))
    return f"{number}: {_state(office)}"


def _tried_again(office: Office) -> str:
    number, desk = str(_found(office)["id"]), office.local
    _choose(desk, number)
    desk.press("button[name=do][value=retry]")
    entry = office.api.read("audit?action=queue.retry&limit=1")["items"][0]
    expect(number in str(entry) and entry["actor"] == office.people.local.address, str(entry))
    return f"{entry['action']} {entry['subject']}"


def _looked_at(office: Office) -> str:
    number, desk = str(_found(office)["id"]), office.local
    desk.go(f"/admin/queue/{number}/")
    said = desk.text()
    expect(office.people.ana.address in said and NOWHERE in said, said[:200])
    return number


def _deleted(office: Office) -> str:
    number, desk = str(_found(office)["id"]), office.local
    _choose(desk, number)
    desk.push("button[name=do][value=delete]")
    expect(_found(office), _("it was deleted without an answer"))
    desk.send()
    eventually(lambda: not _found(office), within=_SECONDS, what=_("the end of the message"))
    return number


def _choose(desk: Desk, number: str) -> None:
    desk.go(f"/admin/queue/?sender=@{HOME}")
    desk.page.check(f"input[name=id][value='{number}']")


def _found(office: Office) -> Any:  # noqa: ANN401 - as the API tells it
    items = office.api.read(f"queue?sender={office.people.ana.address}")["items"]
    return items[0] if items else None


def _deferred(office: Office) -> str:
    """Return the number of the message once it waits: on its way through the filter it has another one."""
    found = _found(office)
    return str(found["id"]) if found and found["state"] == "deferred" else ""


def _state(office: Office) -> str:
    found = _found(office)
    return str(found["state"]) if found else ""


JOBS = (
    Job(_("waiting mail is put on hold and released"), _held),
    Job(_("waiting mail is tried again"), _tried_again),
    Job(_("one message that waits"), _looked_at),
    Job(_("waiting mail is deleted, after a second question"), _deleted),
)

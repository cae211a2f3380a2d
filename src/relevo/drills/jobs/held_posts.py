"""The jobs of a list's owner, and of its administrator: posts that wait are let through, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.waiting import eventually
from relevo.errors import RelevoError
from relevo.i18n import _

_SECONDS = 60.0


@contextmanager
def _list(office: Office) -> Iterator[str]:
    """Have a list that luis is a member of and ana looks after."""
    ana, luis = office.people.ana.address, office.people.luis.address
    address = f"jobs-held@{ana.partition('@')[2]}"
    with suppress(RelevoError):
        office.place.relevo(["list", "remove", address])
    office.place.relevo(["list", "add", address, "--member", luis, "--hold", "others", "--owner", ana])
    try:
        yield address
    finally:
        with suppress(RelevoError):
            office.place.relevo(["list", "remove", address])


def _own_let_through(office: Office) -> str:
    """Let a post through, as the list's owner."""
    with _list(office) as address:
        word, desk = office.place.make_held(address), office.ana
        number = str(_waiting(office, word)["id"])
        desk.go("/account/held/")
        expect(desk.page.locator(f"a[href$='/{number}/']").count(), _("it is not in the owner's list"))
        desk.go(f"/account/held/{number}/")
        desk.press("button[value=approved]")
        office.place.await_released(office.people.luis, word)
        expect(not _find(office, word), _("it still waits"))
    return number


def _refused(office: Office) -> str:
    """Refuse one, with a reason, as the domain's administrator."""
    with _list(office) as address:
        word, desk = office.place.make_held(address), office.local
        number = str(_waiting(office, word)["id"])
        desk.go(f"/admin/held/{number}/")
        expect(address in desk.text(), number)
        desk.page.fill("input[name=reason]", "Not about our work")
        desk.press("button[name=do][value=refused]")
        eventually(lambda: not _find(office, word), within=_SECONDS, what=_("the end of the post"))
        expect(not office.place.has_released(office.people.luis, word), _("a member has it"))
    return number


def _waiting(office: Office, word: str) -> Any:  # noqa: ANN401 - as the API tells it
    return eventually(lambda: _find(office, word), within=_SECONDS, what=_("the post among those that wait"))


def _find(office: Office, word: str) -> Any:  # noqa: ANN401 - the same
    items = office.api.read(f"held-posts?search={word}")["items"]
    return items[0] if items else None


JOBS = (
    Job(_("a list's owner lets a post through"), _own_let_through, needs_mail=True),
    Job(_("a post to a list is refused, with a reason"), _refused, needs_mail=True),
)

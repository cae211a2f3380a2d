"""The job in whose middle the active node dies: a form half filled in, at a desk and on a phone."""

from __future__ import annotations

from relevo.drills.browser import wait_for_web
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME
from relevo.drills.waiting import eventually
from relevo.i18n import _

_NAME, _TEXT = f"despues@{HOME}", "Escrito antes, enviado después: ¡nada se pierde!"
_SECONDS = 30.0


def _over_a_failover(office: Office) -> str:
    desk, phone = office.local, office.ana
    desk.go("/admin/directory/alias/add/")
    desk.fill(local_part="despues", domain=HOME)
    phone.go("/account/absence/")
    phone.fill(on=True, text=_TEXT)
    office.place.fail_over()
    wait_for_web(desk.page)
    desk.fill(to=office.people.ana.address)
    desk.save()
    phone.fill(subject="Fuera")
    phone.send()
    told = eventually(lambda: office.api.fields(f"aliases/{_NAME}", "to"), within=_SECONDS, what=_("the API to answer"))
    expect(told == ([office.people.ana.address],), str(told))
    expect(_TEXT in office.place.script(office.people.ana.address), _("the note is not there"))
    return _("both forms were taken, without a new login")


JOBS = (Job(_("a failover while two forms are half filled in"), _over_a_failover),)

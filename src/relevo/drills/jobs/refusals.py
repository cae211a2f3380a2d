"""What nobody may do who has no right to it: each is tried, and nothing comes of it."""

from __future__ import annotations

from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import OTHER
from relevo.i18n import _

_FORBIDDEN = 403
_INSIDE = (
    "/admin/", "/admin/queue/", "/admin/quarantine/", "/admin/trace/", "/admin/factors/", "/admin/password_change/",
    *(f"/admin/directory/{kind}/" for kind in (
        "domain", "mailbox", "alias", "distributionlist", "administrator", "apitoken", "auditentry",
    )),
)
_OWN = tuple(f"/account/{part}" for part in (
    "", "password/", "programs/", "programs/new/", "forwarding/", "absence/", "quarantine/", "senders/", "factor/",
    "set-up/",
))
_ADMINISTRATORS_ALONE = ("/admin/directory/administrator/", "/admin/directory/domain/add/")
# What a page would send, without its form: the token against that is the browser's own.
_POST = """([path, fields]) => {
    const given = new URLSearchParams(fields);
    given.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
    return fetch(path, {method: 'POST', body: given}).then(answer => [answer.status, new URL(answer.url).pathname]);
}"""


def _nobody(office: Office) -> str:
    with office.stranger() as desk:
        for path in (*_INSIDE, *_OWN):
            desk.go(path)
            expect(desk.path.split("?")[0] in {"/admin/login/", "/account/login/"}, f"{path}: {desk.path}")
    return _("{count} pages lead to the login").format(count=len(_INSIDE) + len(_OWN))


def _owner(office: Office) -> str:
    for path in _INSIDE:
        office.ana.go(path)
        expect(office.ana.path.startswith("/admin/login/"), f"{path}: {office.ana.path}")
    with office.stranger() as desk:
        desk.go("/admin/")
        desk.fill(username=office.people.ana.address, password=office.people.ana.password)
        desk.push("button[type=submit]:visible")
        expect(desk.path.startswith("/admin/login/"), desk.path)
    return _("no page of the administration opens, nor does its login")


def _administrators_at_the_portal(office: Office) -> str:
    with office.stranger() as desk:
        desk.go("/account/")
        desk.fill(address=office.people.everything.address, password=office.people.everything.password)
        desk.push("main form button:visible")
        expect(desk.path == "/account/login/", desk.path)
    return _("not let in")


def _of_another_domain(office: Office) -> str:
    """Open, as a domain's administrator, what the global one sees of another domain, and send its forms."""
    desk, mine, before = office.local, office.everything, _seen(office)
    paths = [mine.open_entry(kind, name) for kind, name in (
        ("domain", OTHER), ("mailbox", office.people.other.address), ("alias", f"postmaster@{OTHER}"),
    )]
    for path in paths:
        for one in (path, path.replace("/change/", "/delete/")):
            desk.go(one)
            expect(OTHER not in desk.page.inner_text("main, #content"), f"{one}: {desk.path}")
            _send(desk, one, enabled="", to="x@elsewhere.example", catch_all="x@elsewhere.example")
    expect(_seen(office) == before, str(_seen(office)))
    return _("{count} entries: not shown, not changed").format(count=len(paths))


def _of_global_ones(office: Office) -> str:
    desk = office.local
    said = [desk.go(path) for path in _ADMINISTRATORS_ALONE]
    said += [_send(desk, path, name="drill-not-made.example", address="x@x.example") for path in _ADMINISTRATORS_ALONE]
    said.append(_send(desk, office.everything.open_entry("administrator", office.people.local.address), role="global"))
    expect(set(said) == {_FORBIDDEN}, str(said))
    expect(not office.api.has("domains/drill-not-made.example"), "drill-not-made.example")
    return str(said)


def _send(desk: Desk, path: str, **fields: str) -> int:
    desk.go("/admin/password_change/")
    status, _path = desk.page.evaluate(_POST, [path, fields])
    return int(status)


def _seen(office: Office) -> object:
    paths = (f"domains/{OTHER}", f"mailboxes/{office.people.other.address}", f"aliases/postmaster@{OTHER}")
    return [office.api.read(path) for path in paths]


JOBS = (
    Job(_("who is not logged in opens no page"), _nobody),
    Job(_("an owner opens no page of the administration"), _owner),
    Job(_("an administrator is no owner"), _administrators_at_the_portal),
    Job(_("what is in another's domain"), _of_another_domain),
    Job(_("what is for global administrators"), _of_global_ones),
)

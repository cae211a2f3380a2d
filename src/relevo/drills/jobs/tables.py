"""The jobs of tables: a file is looked at, refused with all its mistakes, carried out, and got back."""

from __future__ import annotations

from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME, OTHER
from relevo.i18n import _

ROSA, IMPORTED = f"rosa@{HOME}", f"ofertas@{HOME}"


def _mistakes(office: Office) -> str:
    desk = office.local
    _look(desk, "mailbox", f"address,name,password\n{ROSA},Rosa,short\nx@{OTHER},X,{office.people.ana.password}\n")
    said = desk.page.inner_text("#content, main")
    expect(not desk.page.locator("button[name=carry]").count(), _("it can be carried out"))
    expect(ROSA.partition("@")[0] in said or "2" in said, said)
    expect(not office.api.has(f"mailboxes/{ROSA}") and not office.api.has(f"mailboxes/x@{OTHER}"), ROSA)
    return _("nothing can be carried out, nothing is made")


def _carried_out(office: Office) -> str:
    desk, ana = office.local, office.people.ana.address
    rows = f"{ROSA};Rosa Ñandú;{office.people.ana.password};77\n{ana};Ana María;;\n"
    _look(desk, "mailbox", f"address;name;password;quota_mb\n{rows}")
    expect(not office.api.has(f"mailboxes/{ROSA}"), _("it was made by the look ahead"))
    desk.press("button[name=carry]")
    told = office.api.fields(f"mailboxes/{ROSA}", "name", "quota_mb")
    expect(told == ("Rosa Ñandú", 77), str(told))
    name = office.api.fields(f"mailboxes/{ana}", "name")
    expect(name == ("Ana María",), str(name))
    return f"{told}, {name}"


def _aliases_and_lists(office: Office) -> str:
    desk, ana = office.local, office.people.ana.address
    _look(desk, "alias", f"address,to\n{IMPORTED},{ana} x@elsewhere.example\n")
    desk.press("button[name=carry]")
    _look(desk, "distributionlist", f"address,name,members,policy\nequipo@{HOME},Equipo,{ana},members\n")
    desk.press("button[name=carry]")
    [to] = office.api.fields(f"aliases/{IMPORTED}", "to")
    told = office.api.fields(f"lists/equipo@{HOME}", "policy", "members")
    expect((to, told) == ([ana, "x@elsewhere.example"], ("members", [ana])), f"{to} {told}")
    for path in (f"aliases/{IMPORTED}", f"lists/equipo@{HOME}", f"mailboxes/{ROSA}"):
        office.api.remove(path)
    return f"{to}, {told}"


def _exported(office: Office) -> str:
    desk = office.local
    desk.go("/admin/directory/mailbox/")
    with desk.page.expect_download() as download:
        desk.page.evaluate("location.href = '/admin/directory/mailbox/export/'")
    text = download.value.path().read_text(encoding="utf-8-sig")
    expect(office.people.ana.address in text and OTHER not in text and "$argon2" not in text, text[:200])
    return text.splitlines()[0]


def _look(desk: Desk, kind: str, table: str) -> None:
    desk.go(f"/admin/directory/{kind}/import/")
    desk.page.set_input_files("input[type=file]", {
        "name": "table.csv", "mimeType": "text/csv", "buffer": table.encode(),
    })
    desk.push("form[enctype] button[type=submit]:visible")


JOBS = (
    Job(_("a table with mistakes"), _mistakes),
    Job(_("a table of mailboxes: looked at, then carried out"), _carried_out),
    Job(_("tables of aliases and lists"), _aliases_and_lists),
    Job(_("the mailboxes of a domain as a table"), _exported),
)

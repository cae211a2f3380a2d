"""The jobs of those who only look: overview, traces, audit log."""

from __future__ import annotations

from urllib.parse import quote

from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME, OTHER
from relevo.drills.waiting import eventually
from relevo.i18n import _

_SECONDS = 30.0


def _overview(office: Office) -> str:
    desk = office.everything
    desk.go("/admin/")
    said, machines = desk.text(), [one["name"] for one in office.api.read("status")["machines"]]
    expect(machines and all(name in said for name in machines), str(machines))
    headline = desk.page.inner_text(".relevo-headline")
    desk.page.wait_for_selector(".relevo-live:not(.relevo-pale)")
    return f"{', '.join(machines)}: {headline}"


def _own_overview(office: Office) -> str:
    desk = office.local
    desk.go("/admin/")
    expect(OTHER not in desk.text() and not desk.page.locator(".relevo-machine").count(), _("sees too much"))
    return " ".join(desk.page.inner_text("main, #content").split())[:120]


def _traced(office: Office) -> str:
    address = office.place.leave_traces(office.people.ana)
    desk = office.local
    numbers = eventually(
        lambda: [one["id"] for one in office.api.read(f"trace?address={address}")["items"]],
        within=_SECONDS, what=_("a trace"),
    )
    desk.go(f"/admin/trace/?q={quote(address)}")
    links = desk.page.locator("a[href*='/admin/trace/']").evaluate_all("all => all.map(one => one.pathname)")
    shown = [path.strip("/").split("/")[-1] for path in links]
    expect(set(numbers) <= set(shown), f"{numbers}: {shown}")
    desk.go(f"/admin/trace/{numbers[0]}/")
    steps = desk.page.locator(".relevo-steps > li").count()
    expect(steps, _("it has no steps"))
    return f"{address}: {len(numbers)}, {steps}"


def _audited(office: Office) -> str:
    """Find in the log who has made the mailbox of an earlier job, and nothing of other domains."""
    desk = office.local
    desk.go(f"/admin/directory/auditentry/?q={office.people.local.address}")
    texts = desk.page.locator("#result_list tbody tr").all_inner_texts()
    rows = [" ".join(text.split()) for text in texts]
    expect(rows and all(office.people.local.address in row for row in rows), str(rows[:2]))
    expect(office.api.read(f"audit?domain={OTHER}")["items"], _("nothing is known of the other domain"))
    desk.go(f"/admin/directory/auditentry/?q={OTHER}")
    expect(not desk.page.locator("#result_list tbody tr").filter(has_text=OTHER).count(), OTHER)
    return f"{len(rows)} {HOME}"


JOBS = (
    Job(_("the platform at a glance"), _overview),
    Job(_("a domain's administrator's overview"), _own_overview),
    Job(_("the way of a message is traced"), _traced),
    Job(_("the audit log says who did what"), _audited),
)

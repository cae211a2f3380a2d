"""Owners of mailboxes look after themselves on the web, over a failover too.

Given the owner of a mailbox with a phone,
when a password for one program is made and ended again, the mailbox's password is changed, and the active node loses
power while an absence note is written (outside a lab: hands over),
then the program gets in where it may and as long as it may, the old password is good for nothing, the note is taken
without a new login, and who writes is answered.
"""

from __future__ import annotations

import secrets as random

from playwright.sync_api import Page

from relevo.drills import foreign, losing
from relevo.drills.accounts import Account
from relevo.drills.browser import CHROMIUM, PHONE, browser, shoot, visit, wait_for_web
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.mailbox import logs_in
from relevo.drills.mending import whole_again
from relevo.drills.recorder import Observation
from relevo.drills.tidy import without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.errors import RelevoError
from relevo.i18n import _
from relevo.lab.contract import OUTSIDE_MAILBOX

_ANSWER_SECONDS, _READ_SECONDS, _END_SECONDS = 60.0, 30.0, 15.0


def run(world: World) -> None:
    """Be an owner."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("portal"), _("Chromium is not installed here (apt install chromium)"))
        return
    world.until_healthy()
    owner = Account(f"drill-owner@{world.cluster.domain}", random.token_urlsafe(18))
    later = Account(owner.address, random.token_urlsafe(18))
    with without_mailboxes(world, owner), browser(world) as chromium, visit(chromium, PHONE, "es") as context:
        world.relevo(["mailbox", "add", owner.address, "--password-stdin"], owner.password + "\n")
        page = context.new_page()
        _log_in(world, page, owner)
        program = _make_program(world, page, owner)
        _end_program(world, page, program)
        _change_password(world, page, owner, later)
        _over_a_failover(world, page, later)


def _log_in(world: World, page: Page, owner: Account) -> None:
    with world.checking(
        _("{address} logs in").format(address=owner.address), tried=_url(world), expected=_("the overview"),
    ) as check:
        page.goto(_url(world))
        page.fill("#id_address", owner.address)
        page.fill("#id_password", owner.password)
        shoot(world, page, _("portal: login"))
        _send(page)
        shoot(world, page, _("portal: overview"))
        check.saw(page.title(), good=page.locator("dl.rows").count() == 1)


def _make_program(world: World, page: Page, owner: Account) -> Account:
    with world.checking(
        _("a password for one program"), tried=_("make one for IMAP alone; log in with it, and try to send"),
        expected=_("IMAP lets it in, submission does not"),
    ) as check:
        page.goto(_url(world, "programs/new/"))
        page.fill("#id_name", "Teléfono")
        page.uncheck("#id_smtp")
        page.fill("#id_current", owner.password)
        _send(page)
        program = Account(owner.address, page.inner_text("code.secret"))
        shoot(world, page, _("portal: a password for one program"))
        made = letter(owner.address, owner.address, "portal")
        sent = world.mail.submit(made.raw, program, [owner.address]).answer
        fetches = logs_in(world.mailbox(program))
        check.saw(_("IMAP: {fetches}; submission: {answer}").format(fetches=fetches, answer=sent),
                  good=fetches and not sent.accepted)
    return program


def _end_program(world: World, page: Page, program: Account) -> None:
    with world.checking(
        _("a password for one program is ended"), tried=_("end it, and log in with it"), expected=_("it is refused"),
    ) as check:
        page.goto(_url(world, "programs/"))
        page.click("a[href$='/revoke/']")
        _send(page)
        eventually(lambda: not logs_in(world.mailbox(program)), within=_END_SECONDS, what=_("the refusal"), every=0.5)
        check.saw(_("refused"), good=True)


def _change_password(world: World, page: Page, owner: Account, later: Account) -> None:
    with world.checking(
        _("the owner's password is changed"), tried=_("change it; log in by IMAP with the old one and the new one"),
        expected=_("the new one alone is good"),
    ) as check:
        page.goto(_url(world, "password/"))
        page.fill("#id_current", owner.password)
        page.fill("#id_password", later.password)
        page.fill("#id_again", later.password)
        _send(page)
        eventually(lambda: not logs_in(world.mailbox(owner)), within=_END_SECONDS, what=_("the refusal"), every=0.5)
        check.saw(_("the old one is refused"), good=logs_in(world.mailbox(later)))


def _over_a_failover(world: World, page: Page, owner: Account) -> None:
    victim = world.active
    with world.checking(
        _("a failover while an absence note is written"), tried=losing.in_words(world, victim),
        expected=_("the note is taken, without a new login"),
    ) as check:
        page.goto(_url(world, "absence/"))
        page.check("#id_on")
        page.fill("#id_text", "Estoy de viaje hasta el lunes. ¡Gracias!")
        losing.lose(world, victim)
        wait_for_web(page)
        _send(page)
        shoot(world, page, _("portal: overview with an absence note"))
        check.saw(page.title(), good=page.locator("dl.rows").count() == 1)
    with world.checking(
        _("the absence note"), tried=_("mail from outside to {address}").format(address=owner.address),
        expected=_("it arrives, and its sender is answered"),
    ) as check:
        _is_answered(world, check, owner)
    whole_again(world, _("portal"))


def _is_answered(world: World, check: Observation, owner: Account) -> None:
    made = letter(OUTSIDE_MAILBOX, owner.address, "portal")
    sent = world.mail.send(made.raw, OUTSIDE_MAILBOX, [owner.address]).answer
    raw = world.mailbox(owner).read(made.token, within=_READ_SECONDS)
    if not world.platform.in_lab:
        check.saw(_("{answer}; read: {size} bytes; where it is answered to can't be seen from here").format(
            answer=sent, size=len(raw)), good=sent.accepted)
        return
    answered = foreign.arrived(world, made.token, within=_ANSWER_SECONDS)
    check.saw(_("{answer}; read: {size} bytes; answered").format(answer=sent, size=len(raw)),
              good=sent.accepted and b"Estoy de viaje" in answered)


def _send(page: Page) -> None:
    """Send the form of the page; raise RelevoError with what the next page complains of."""
    with page.expect_navigation():
        page.click("main form button:visible")
    if errors := page.locator(".wrong, .refused").all_inner_texts():
        raise RelevoError("; ".join(errors))


def _url(world: World, path: str = "") -> str:
    return f"https://{world.cluster.hostname}/account/{path}"


DRILL = Drill(
    "portal", _("The owners' portal"),
    _("Owners of mailboxes look after themselves on the web, over a failover too."), run,
)

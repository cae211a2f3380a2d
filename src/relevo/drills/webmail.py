"""The webmail in a real browser (headless Chromium): log in, read, write and send, on a desk and on a phone."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from relevo.drills.browser import CHROMIUM, DESK, PHONE, Screen, browser, shoot, visit
from relevo.drills.letters import letter
from relevo.drills.recorder import Observation
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _


def check(world: World) -> None:
    """Use the webmail as two kinds of visitors do; screenshots go to the report."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("webmail"), _("Chromium is not installed here (apt install chromium)"))
        return
    with browser(world) as chromium:
        _visit(world, chromium, _("webmail at a desk (1280 px)"), DESK)
        _visit(world, chromium, _("webmail on a phone (390 px)"), PHONE)


def _visit(world: World, chromium: Browser, title: str, screen: Screen) -> None:
    with world.checking(
        title, tried=_("log in, read a message, write one and send it"),
        expected=_("its text on the screen; the other user gets what was written"),
    ) as check, visit(chromium, screen) as context:
        _use(world, context.new_page(), check, title)


def _use(world: World, page: Page, check: Observation, title: str) -> None:
    base = f"https://{world.cluster.hostname}/"
    words = _message_to_read(world)
    _log_in(world, page, base, title)
    _read(world, page, words, title)
    token = _write(world, page, base, title)
    box = world.mailbox(world.accounts.b)
    raw = eventually(lambda: box.with_subject(token), within=30, what=_("the message that was sent in the webmail"))
    check.saw(_("read; the other user got {count} message").format(count=len(raw)), good=len(raw) == 1)


def _message_to_read(world: World) -> str:
    made = letter(world.accounts.b.address, world.accounts.a.address, "webmail", "¿Se ve bien la eñe?\n")
    answer = world.mail.submit(made.raw, world.accounts.b, [world.accounts.a.address]).answer
    if not answer.accepted:
        raise DrillError(str(answer))
    world.mailbox(world.accounts.a).read(made.token)
    return made.token


def _log_in(world: World, page: Page, base: str, title: str) -> None:
    page.goto(base)
    page.fill("#rcmloginuser", world.accounts.a.address)
    page.fill("#rcmloginpwd", world.accounts.a.password)
    shoot(world, page, _("{title}: login").format(title=title))
    page.click("#rcmloginsubmit")
    page.wait_for_selector("#messagelist tr.message")
    shoot(world, page, _("{title}: inbox").format(title=title))


def _read(world: World, page: Page, words: str, title: str) -> None:
    page.locator("#messagelist tr.message", has_text=words).locator("td.subject").first.click()
    page.frame_locator("#messagecontframe").get_by_text("¿Se ve bien la eñe?").wait_for()
    shoot(world, page, _("{title}: message").format(title=title))


def _write(world: World, page: Page, base: str, title: str) -> str:
    made = letter(world.accounts.a.address, world.accounts.b.address, "from the webmail")
    page.goto(f"{base}?_task=mail&_action=compose&_to={world.accounts.b.address}")
    page.fill("input[name=_subject]", f"webmail {made.token}")
    page.fill("textarea[name=_message]", "Escrito en el navegador: ñandú\n")
    shoot(world, page, _("{title}: compose").format(title=title))
    page.locator("button.send:visible, a.send:visible").first.click()
    page.wait_for_function("!location.search.includes('_action=compose')")
    return made.token

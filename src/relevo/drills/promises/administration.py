"""Who runs the platform on the web does so over a failover, too, and sees only what is theirs.

Given a global administrator at a desk and one of a single domain on a phone, each in a real browser,
when the first adds a mailbox, switches it off and on, removes it and brings it back, and the active node loses power
while a form is filled in (outside a lab: hands over),
then the mailbox receives and refuses as it should, the form is taken without a new login, the audit log has who did
what, and the second one finds the own domain's entries and nobody else's.
"""

from __future__ import annotations

import imaplib
import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Page

from relevo.drills import losing
from relevo.drills.accounts import Account
from relevo.drills.browser import CHROMIUM, DESK, PHONE, browser, shoot, visit, wait_for_web
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.mailbox import Mailbox, logs_in
from relevo.drills.mending import whole_again
from relevo.drills.recorder import Observation
from relevo.drills.tidy import removed, without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import TROUBLE
from relevo.errors import RelevoError
from relevo.i18n import _

_ARRIVAL_SECONDS = 30.0


def run(world: World) -> None:
    """Work as each kind of administrator."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("administration"), _("Chromium is not installed here (apt install chromium)"))
        return
    world.until_healthy()
    domain = world.cluster.domain
    everything, local = _account("admin", domain), _account("admin-local", domain)
    made, later = _account("web", domain), _account("web-later", domain)
    with _administrators(world, everything, local), without_mailboxes(world, made, later), browser(world) as chromium:
        with visit(chromium, DESK) as context:
            page = context.new_page()
            _log_in(world, page, everything)
            _add(world, page, made)
            _switch_off(world, page, made)
            _remove(world, page, made)
            _over_a_failover(world, page, later)
            _audited(world, page, everything, later)
        _of_one_domain(world, chromium, local, made)


def _account(name: str, domain: str) -> Account:
    return Account(f"drill-{name}@{domain}", random.token_urlsafe(18))


@contextmanager
def _administrators(world: World, everything: Account, local: Account) -> Iterator[None]:
    steps = [["admin", "remove", "--yes", "--last", account.address] for account in (everything, local)]
    with removed(world, steps):
        for account, scope in ((everything, ["--global"]), (local, ["--domain", world.cluster.domain])):
            world.relevo(["admin", "add", account.address, *scope, "--password-stdin"], account.password + "\n")
        yield


def _log_in(world: World, page: Page, account: Account) -> None:
    with world.checking(
        _("{address} logs in").format(address=account.address), tried=_url(world, ""), expected=_("the overview"),
    ) as check:
        page.goto(_url(world, ""))
        page.fill("#id_username", account.address)
        page.fill("#id_password", account.password)
        shoot(world, page, _("administration: login"))
        page.click("button[type=submit]:visible")
        page.wait_for_selector("a[href='/admin/directory/mailbox/']", state="attached")  # a phone's menu is folded up
        shoot(world, page, _("administration: overview"))
        check.saw(page.title(), good=True)


def _add(world: World, page: Page, made: Account) -> None:
    with world.checking(
        _("a mailbox is added"), tried=_("fill in the form; then mail to {address}").format(address=made.address),
        expected=_("its owner reads it"),
    ) as check:
        _fill_in(world, page, made)
        _save(page)
        shoot(world, page, _("administration: mailboxes"))
        _arrives(world, check, made)


def _switch_off(world: World, page: Page, made: Account) -> None:
    with world.checking(
        _("a mailbox is switched off"), tried=_("switch it off while its owner is logged in by IMAP"),
        expected=_("the session ends, and nobody logs in; switched on again, its owner does"),
    ) as check, _until_it_ends(world.mailbox(made)) as session:
        _switch(world, page, made, on=False)
        eventually(lambda: _is_over(session), within=10, what=_("the end of the IMAP session"), every=0.2)
        refused = not logs_in(world.mailbox(made))
        _switch(world, page, made, on=True)
        eventually(lambda: logs_in(world.mailbox(made)), within=10, what=_("its owner's login"), every=0.5)
        check.saw(_("the session ended; login refused: {refused}; on again, its owner logs in").format(refused=refused),
                  good=refused)


def _switch(world: World, page: Page, account: Account, *, on: bool) -> None:
    _open(world, page, account)
    page.set_checked("#id_enabled", on, force=True)
    _save(page)


def _remove(world: World, page: Page, made: Account) -> None:
    with world.checking(
        _("a mailbox is removed and brought back"), tried=_("the page asks first; then mail to {address}").format(
            address=made.address), expected=_("mail to it is refused; brought back, it has its mail"),
    ) as check:
        _open(world, page, made)
        page.click("a[href*='/delete/']:visible")
        page.wait_for_url("**/delete/**")
        shoot(world, page, _("administration: removal"))
        _confirm(page)
        answer = world.mail.send(letter(world.stranger, made.address, "gone").raw, world.stranger, [made.address])
        page.goto(_url(world, f"directory/mailbox/?q={made.address}&removed=yes"))
        page.click(f"a:has-text('{made.address}')")
        page.click("a[href*='/restore']:visible")
        page.wait_for_url("**/restore**")
        _confirm(page)
        _arrives(world, check, made)
        check.saw(f"{answer.answer}", good=answer.answer.refused)


def _over_a_failover(world: World, page: Page, later: Account) -> None:
    victim = world.active
    with world.checking(
        _("a failover while a form is filled in"), tried=losing.in_words(world, victim),
        expected=_("the form is taken, without a new login"),
    ) as check:
        _fill_in(world, page, later)
        losing.lose(world, victim)
        wait_for_web(page)
        _save(page)
        _arrives(world, check, later)
    whole_again(world, _("administration"))


def _audited(world: World, page: Page, everything: Account, later: Account) -> None:
    with world.checking(
        _("the audit log"), tried=_("search it for {address}").format(address=later.address),
        expected=_("who added it, and from where"),
    ) as check:
        page.goto(_url(world, f"directory/auditentry/?q={later.address}"))
        row = page.locator("tr", has_text="mailbox added").first.inner_text()
        shoot(world, page, _("administration: audit log"))
        check.saw(" ".join(row.split()), good=everything.address in row and "command line" not in row)


def _of_one_domain(world: World, chromium: Browser, local: Account, made: Account) -> None:
    with visit(chromium, PHONE, "es") as context:
        page = context.new_page()
        _log_in(world, page, local)
        with world.checking(
            _("an administrator of one domain"), tried=_("look for a mailbox of it, and for the administrators"),
            expected=_("the one is found, the others are not shown"),
        ) as check:
            page.goto(_url(world, f"directory/mailbox/?q={made.address}"))
            found = page.locator(f"a:has-text('{made.address}')").count()
            shoot(world, page, _("administration: mailboxes on a phone"))
            answer = page.goto(_url(world, "directory/administrator/"))
            status = answer.status if answer else 0
            check.saw(_("found: {count}; the administrators' page answers {status}").format(count=found, status=status),
                      good=found == 1 and status in {403, 404})


def _fill_in(world: World, page: Page, account: Account) -> None:
    page.goto(_url(world, "directory/mailbox/add/"))
    page.fill("#id_local_part", account.address.partition("@")[0])
    page.select_option("#id_domain", label=world.cluster.domain)
    page.fill("#id_name", "Ñusta Quispe")
    for field in ("password", "again"):
        page.fill(f"#id_{field}", account.password)


def _save(page: Page) -> None:
    page.click("button[name=_save]:visible, input[name=_save]:visible")
    page.wait_for_url("**/directory/mailbox/**")
    if errors := page.locator(".errorlist, .errornote").all_inner_texts():
        raise RelevoError("; ".join(errors))


def _confirm(page: Page) -> None:
    page.click("form[method=post] button[type=submit]:visible")
    page.wait_for_load_state()


def _open(world: World, page: Page, account: Account) -> None:
    page.goto(_url(world, f"directory/mailbox/?q={account.address}"))
    page.click(f"a:has-text('{account.address}')")
    page.wait_for_selector("#id_enabled", state="attached")


def _arrives(world: World, check: Observation, account: Account) -> None:
    made = letter(world.stranger, account.address, "administration")
    answer = world.mail.send(made.raw, world.stranger, [account.address]).answer
    raw = world.mailbox(account).read(made.token, within=_ARRIVAL_SECONDS)
    check.saw(_("{answer}; read: {size} bytes").format(answer=answer, size=len(raw)), good=answer.accepted)


@contextmanager
def _until_it_ends(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    """Log in by IMAP; that nobody is there any more to log out from is no trouble."""
    with suppress(imaplib.IMAP4.abort, OSError), box.imap() as session:
        yield session


def _is_over(session: imaplib.IMAP4) -> bool:
    try:
        session.noop()
    except TROUBLE:
        return True
    return False


def _url(world: World, path: str) -> str:
    return f"https://{world.cluster.hostname}/admin/{path}"


DRILL = Drill(
    "administration", _("Administration on the web"),
    _("Accounts are run in a browser, over a failover too, and nobody sees more than is theirs."), run,
)

"""Every page in a real browser, at a desk and on a phone, light and dark: axe-core finds nothing serious or critical in
it, and whoever has no mouse reaches everything and sees where they are.

The pages are those of the walks, drawn before the browser starts; it gets them over loopback, with the content policy
that they were answered with.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, Self

import axe_playwright_python
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright

from relevo.directory import app_passwords, lists
from relevo.directory.held import links as post_links
from relevo.directory.models import Mailbox
from relevo.directory.quarantine.digest import sending
from relevo.drills.browser import CHROMIUM, DESK, FLAGS, PHONE
from tests.unit.directory.whole_view import view, whole
from tests.unit.held.memory import MemoryBox
from tests.unit.quarantine.memory import MemoryStore
from tests.unit.web.conftest import Agents
from tests.unit.web.test_account import enter
from tests.unit.web.test_walk import OPEN, PLAIN, REDIRECTING, ROUTES, paths

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (tools/bootstrap does it)")

AXE = Path(str(axe_playwright_python.__file__)).with_name("axe.min.js").read_bytes()
POLICY = "Content-Security-Policy"
SECONDS = 20
PART = "/admin/overview/"  # what a page asks for again
BAD = ("serious", "critical")
ON_A_PHONE = ["color-contrast", "scrollable-region-focusable", "link-name", "button-name", "label", "aria-hidden-focus"]
NO_PAGES = {"/health", "/admin/jsi18n/", PART, "/admin/queue/rows/"}
# Colours must not be on their way to others while they are compared.
STILL = """
const sheet = new CSSStyleSheet();
sheet.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important; }');
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
"""
# Unfold goes by a class, the portal and the pages on what went wrong by what the system says.
RUN = """async ([rules, dark]) => {
    document.documentElement.classList.toggle('dark', dark);
    const found = await axe.run(document, {resultTypes: ['violations'], ...(rules ? {runOnly: rules} : {})});
    return found.violations.map(one => [one.impact, one.id, one.nodes.map(node => node.html.slice(0, 160))]);
}"""
# What acts when it is clicked, and can't be reached by Tab; and what can, but does not show it.
OUT_OF_REACH = """() => {
    const focusable = 'a[href], button, input, select, textarea, summary, label, [tabindex="0"][role="button"]';
    return [...document.querySelectorAll('*')]
        .filter(one => [...one.attributes].some(found => /^(x-on:|@)click$|^onclick$/.test(found.name)))
        .filter(one => !one.closest(focusable)).map(one => one.outerHTML.slice(0, 160));
}"""
NOT_SEEN = """() => {
    const looks = one => {
        const around = [one, one.parentElement, one.nextElementSibling, ...(one.labels || [])].filter(Boolean);
        return around.map(element => {
            const style = getComputedStyle(element);
            const {outlineStyle, outlineWidth, outlineColor} = style;
            const outline = outlineStyle === 'none' || [outlineStyle, outlineWidth, outlineColor];
            return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.clipPath].join();
        }).join('|');
    };
    const every = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter(one => one.checkVisibility({checkVisibilityCSS: true}) && !one.disabled && one.type !== 'hidden');
    return every.filter(one => {
        document.activeElement.blur();
        const before = looks(one);
        one.focus({preventScroll: true});
        return document.activeElement === one && looks(one) === before;
    }).map(one => one.outerHTML.slice(0, 160));
}"""


class Drawn(NamedTuple):
    """A page as it was answered."""

    name: str
    answer: HttpResponse


@pytest.fixture
def drawn(visit, agents, senders, kept, waiting) -> list[Drawn]:
    """Every page, as those who see most of it; none of them asks anything of the database any more."""
    pages = (
        _administration(visit, agents), _login(visit), _of_a_domain(visit), _portal(visit), _link(visit, kept),
        _post_link(visit, waiting),
    )
    return [one for some in pages for one in some]


def _administration(visit: Callable[..., Client], agents: Agents) -> Iterator[Drawn]:
    browser = visit("global")
    yield Drawn(PART, browser.get(PART))
    skipped = OPEN | REDIRECTING | NO_PAGES | {"/admin/directory/auditentry/add/"}
    yield from _got(browser, [path for path in PLAIN if path not in skipped and not path.endswith("/export/")])
    own = paths("example.org", own=True)
    yield from _got(browser, [path for path in _one_of_each(own) if "/history/" not in path])
    yield from _got(browser, ["/admin/queue/AAAAA1/", "/admin/nothing/", "/admin/directory/mailbox/?q=zzz"])
    question = browser.post("/admin/queue/", {"do": "delete", "id": ["AAAAA1"]})
    yield Drawn("the question before messages are deleted", question)
    made = browser.post("/admin/directory/apitoken/add/", {"name": "CRM", "days": "9", "scopes": ["queue:read"]})
    yield Drawn("a new token", made)
    yield from _got(browser, ["/admin/directory/apitoken/"])
    agents.window["view"] = whole({"storage01": 90.0}, mail02=view("mail02", ill="dovecot/imap"))
    yield Drawn("/admin/ when something is wrong", browser.get("/admin/"))


def _login(visit: Callable[..., Client]) -> Iterator[Drawn]:
    yield from _got(visit(), ["/admin/login/", "/account/login/", "/api/v1/"])
    yield Drawn("a wrong password", visit().post("/admin/login/", {"username": "x@y.example", "password": "x"}))


def _of_a_domain(visit: Callable[..., Client]) -> Iterator[Drawn]:
    yield Drawn("/admin/ of a domain's administrator", visit("domain").get("/admin/"))


def _portal(visit: Callable[..., Client]) -> Iterator[Drawn]:
    box = Mailbox.objects.get(address="ana@example.org")
    app_passwords.add(box, "phone", ["imap"])
    browser = enter(visit())
    number = str(box.app_passwords.get().pk)
    no_page = ("logout/", "language/", "profile/", "/login/", "/second/", "codes/", "remove/", "absence/")
    found = [route.replace("<int:number>", number) for route, _name in ROUTES if route.startswith("/account/")]
    yield from _got(browser, [path for path in found if not path.endswith(no_page)])
    yield Drawn("a portal's form with a mistake", browser.post("/account/password/", {"current": "x", "password": "y"}))


def _link(visit: Callable[..., Client], kept: MemoryStore) -> Iterator[Drawn]:
    kept.at = dict.fromkeys(kept.at, timezone.now())
    sending.make("one")
    _sender, _to, raw = next(one for one in kept.sent if one[1] == ("ana@example.org",))
    secret = str(re.findall(r"t=3D([\w-]+)", raw.decode().replace("=\r\n", ""))[0])
    yield Drawn("a link in a list of refused mail", visit().get("/account/release/", {"t": secret}))
    done = visit().post("/account/release/", {"t": secret, "do": "released"})
    yield Drawn("a link that was used", done)


def _post_link(visit: Callable[..., Client], waiting: MemoryBox) -> Iterator[Drawn]:
    number = waiting.posts()[-1].id
    lists.change("all@example.org", moderated="others", owners=["ana@example.org"])
    secret = post_links.make(Mailbox.objects.get(address="ana@example.org"), waiting.posts()[-1:])[number]
    yield Drawn("a link of a post", visit().get("/account/held/decide/", {"t": secret}))
    yield Drawn("a post of an owner's list", enter(visit()).get(f"/account/held/{number}/"))
    yield Drawn("a post that waits", visit("global").get(f"/admin/held/{number}/"))
    doomed = visit("global").post("/admin/held/", {"do": "deleted", "id": [number]})
    yield Drawn("whether a post shall go", doomed)
    yield Drawn("a link that decided", visit().post("/account/held/decide/", {"t": secret, "do": "refused"}))


def _one_of_each(found: list[str]) -> list[str]:
    return list({re.sub(r"\d+", "0", path): path for path in found}.values())


def _got(browser: Client, found: list[str]) -> Iterator[Drawn]:
    for path in found:
        answer = browser.get(path)
        if answer.status_code in {200, 404} and "text/html" in answer.headers["Content-Type"]:
            yield Drawn(path, answer)


class Site(ThreadingHTTPServer):
    """The pages by their numbers, and the static files, which a browser keeps as it does on a node."""

    def __init__(self, drawn: list[Drawn]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers = {f"/{number}": one.answer for number, one in enumerate(drawn)}
        self.answers["/admin/overview/"] = next(one.answer for one in drawn if one.name == PART)
        Thread(target=self.serve_forever, daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer, static = self.server.answers.get(self.path), self.path.removeprefix(settings.STATIC_URL)
        kept = {"Cache-Control": "max-age=3600"}
        if answer:
            headers = {name: value for name, value in answer.headers.items() if name in {"Content-Type", POLICY}}
            self._send(200, answer.content, headers)
        elif static != self.path and (found := finders.find(static)):
            kind = mimetypes.guess_type(static)[0] or "application/octet-stream"
            self._send(200, Path(str(found)).read_bytes(), {"Content-Type": kind, **kept})
        elif self.path == "/axe.js":
            self._send(200, AXE, {"Content-Type": "text/javascript; charset=utf-8", **kept})
        else:
            self._send(404, b"", {})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Walk:
    """A browser in which the pages are opened one after the other."""

    def __init__(self, drawn: list[Drawn]) -> None:
        self._drawn, self.troubles = drawn, []

    def __enter__(self) -> Self:
        self.site = Site(self._drawn)
        self._playwright = sync_playwright().start()  # while it runs, Django lets nobody ask the database
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()
        self.site.shutdown()
        self.site.server_close()

    def page(self) -> Page:
        page = self._browser.new_page(viewport={"width": DESK.width, "height": DESK.height}, locale="en")
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self.troubles.append(said.text) if POLICY in said.text else None)
        return page

    def pages(self) -> Iterator[tuple[str, Page]]:
        page = self.page()
        for number, one in enumerate(self._drawn):
            if one.name == PART:
                continue
            self.open(page, number)
            yield one.name, page

    def open(self, page: Page, number: int) -> None:
        page.goto(f"http://127.0.0.1:{self.site.server_port}/{number}")
        page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
        page.evaluate(STILL)


def test_there_are_pages_to_look_at(drawn):
    names = {one.name for one in drawn}
    assert len(names) > 45
    assert {"/admin/", "/admin/queue/", "/account/", "/account/programs/", "/admin/factors/"} <= names


def findings(page: Page, rules: list[str] | None, *, dark: bool) -> list[Any]:
    return [found for found in page.evaluate(RUN, [rules, dark]) if found[0] in BAD]


def by_axe(page: Page) -> Iterator[str]:
    """Yield what axe-core finds: all of it at a desk, what depends on the room on a phone, contrasts in the dark."""
    page.add_script_tag(url="/axe.js")
    by_class = page.evaluate("document.documentElement.hasAttribute('x-data')")
    for screen, rules in ((DESK, None), (PHONE, ON_A_PHONE)):
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        for dark in (False, True):
            if not by_class:
                page.emulate_media(color_scheme="dark" if dark else "light")
            found = findings(page, ["color-contrast"] if dark else rules, dark=dark)
            yield from (f"at {screen.width} px, {'dark' if dark else 'light'}: {one}" for one in found)
    page.set_viewport_size({"width": DESK.width, "height": DESK.height})
    if not by_class:
        page.emulate_media(color_scheme="light")


def by_keyboard(page: Page) -> Iterator[str]:
    page.keyboard.press("Tab")  # from now on a browser shows where the keyboard is
    yield from (f"no Tab gets to {one}" for one in page.evaluate(OUT_OF_REACH))
    yield from (f"nobody sees that the keyboard is on {one}" for one in page.evaluate(NOT_SEEN))


def test_everybody_can_use_every_page(drawn):
    with Walk(drawn) as walk:
        found = [f"{name}: {one}" for name, page in walk.pages() for one in (*by_keyboard(page), *by_axe(page))]
    assert not found, "\n".join(found)
    assert not walk.troubles


def test_the_first_page_keeps_itself_fresh_and_its_reader_in_place(visit, agents):
    browser = visit("global")
    drawn = [Drawn("/admin/", browser.get("/admin/")), Drawn(PART, browser.get(PART))]
    agents.window["view"] = whole({"storage01": 90.0})
    later = browser.get(PART)
    with Walk(drawn) as walk:
        page = walk.page()
        page.clock.install()
        walk.open(page, 0)
        page.click("#flow-summary")
        page.focus("#flow-summary")
        page.evaluate("scrollTo(0, 400)")
        walk.site.answers[PART] = later
        page.clock.run_for(6000)
        page.wait_for_selector("[data-headline]:has-text('storage01 says nothing')")
        assert page.evaluate("[document.activeElement.id, scrollY, document.querySelector('#flow-table').open]") == [
            "flow-summary", 400, True,
        ]
        assert "storage01 says nothing" in page.inner_text("[data-word]")  # read aloud
        del walk.site.answers[PART]  # a failover
        page.clock.run_for(6000)
        page.wait_for_selector(".relevo-pale")
        page.clock.run_for(2000)
        assert re.fullmatch(r"No answer for \d+ s: what is shown is old.*", page.inner_text("[data-age]"))
        assert page.inner_text("[data-word]") == "No answer: what is shown is old."
        page.add_script_tag(url="/axe.js")
        assert not findings(page, ["color-contrast"], dark=False)
        walk.site.answers[PART] = later
        page.clock.run_for(6000)
        page.wait_for_selector(".relevo-live:not(.relevo-pale)")
        assert page.evaluate("document.activeElement.id") == "flow-summary"
    assert not walk.troubles

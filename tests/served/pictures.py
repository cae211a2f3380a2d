"""Pictures of every page of both sites, at a desk and on a phone, light and dark, in both languages; and what can be
found out about them without eyes: what is wider than the screen, what is cut off, what is the same in both languages.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Browsed

from relevo.drills.accounts import Account
from relevo.drills.browser import CHROMIUM, DESK, FLAGS, PHONE, visit
from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.signing_in import Factors, enter_administration, enter_portal
from tests.served.place import ServedPlace, served
from tests.served.states import STATES, wait

HOST = "mail.chocolatesparati.example"
PATIENCE_MS = 120_000.0
HIGHEST = 2600  # pixels of a picture
LOOKS = """([dark]) => {
    if (document.documentElement.hasAttribute('x-data')) document.documentElement.classList.toggle('dark', dark);
}"""
FOUND = """() => {
    const seen = one => one.checkVisibility({checkVisibilityCSS: true, checkOpacity: true});
    const all = [...document.querySelectorAll('body *')].filter(seen);
    const cut = all.filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 40
        && ['hidden', 'clip'].includes(getComputedStyle(one).overflowX) && one.innerText
        && !one.closest('.relevo-unseen, .unseen'));
    const nodes = all.flatMap(one => [...one.childNodes]).filter(one => one.nodeType === 3);
    return {
        wide: document.documentElement.scrollWidth - innerWidth, cut: cut.map(one => one.innerText.slice(0, 60)),
        texts: nodes.map(one => one.textContent.trim()),
    };
}"""


class Studio:
    """Who is logged in, in one language, and what is noted of the pages."""

    def __init__(
        self, place: ServedPlace, browser: Browser, folder: Path, language: str, factors: Factors, *, few: bool
    ) -> None:
        self._factors = factors
        self.place, self._browser, self._folder, self.language, self._few = place, browser, folder, language, few
        self._desks: dict[str, Desk] = {}
        self._open = ExitStack()
        self.texts: dict[str, set[str]] = {}
        self.troubles: list[str] = []

    def desk(self, who: str) -> Desk:
        """Return the desk of somebody, logged in."""
        if who not in self._desks:
            context = self._open.enter_context(visit(self._browser, DESK, self.language))
            context.set_default_timeout(PATIENCE_MS)
            desk = self._desks[who] = Desk(self.place.base, context.new_page())
            if who:
                address, password = self.place.ask("people")[who]
                enter = enter_portal if "owner" in who else enter_administration
                enter(desk, Account(address, password), self._factors)
        return self._desks[who]

    def close(self) -> None:
        """Close all browsers."""
        self._open.close()

    def shoot(self, name: str, page: Browsed) -> None:
        """Take the pictures of what a page shows."""
        wait(page)
        for screen in (DESK, PHONE):
            page.set_viewport_size({"width": screen.width, "height": screen.height})
            for dark in [(screen is PHONE) is (self.language == "en")] if self._few else [False, True]:
                page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
                page.evaluate(LOOKS, [dark])
                page.wait_for_timeout(250)  # Unfold's colours are on their way
                path = self._folder / f"{name}.{self.language}.{screen.width}.{'dark' if dark else 'light'}.png"
                height = min(HIGHEST, int(page.evaluate("document.documentElement.scrollHeight")))
                part = {"x": 0, "y": 0, "width": screen.width, "height": height}
                page.screenshot(path=path, full_page=True, clip=part)  # type: ignore[arg-type]
            self._note(name, screen.width, page.evaluate(FOUND))
        page.set_viewport_size({"width": DESK.width, "height": DESK.height})

    def _note(self, name: str, width: int, found: dict[str, object]) -> None:
        where = f"{name} {self.language} {width}"
        if int(str(found["wide"])) > 0:
            self.troubles.append(f"{where}: {found['wide']} px wider than the screen")
        self.troubles += [f"{where}: cut off: {one!r}" for one in dict.fromkeys(found["cut"])]  # type: ignore[call-overload]
        texts: list[str] = found["texts"]  # type: ignore[assignment]
        self.texts[name] = {one for one in texts if re.search(r"[a-z]{3,}\s+[a-z]{2,}", one)}


def named(path: str) -> str:
    """Return an address as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")


def steps(place: ServedPlace) -> Iterator[tuple[str, str, Callable[[Desk], object]]]:
    """Yield who, what it is called, and how it is got to."""
    yield "", "admin-login", lambda desk: desk.go("/admin/login/")
    yield "", "account-login", lambda desk: desk.go("/account/login/")
    yield "", "api", lambda desk: desk.go("/api/v1/")
    for who, path in place.ask("pages"):
        yield who, named(path), lambda desk, path=path: desk.go(path)  # type: ignore[misc]
    for state in STATES:
        yield state.who, state.name, state.lead


def take(folder: Path, only: str = "", *, few: bool = False) -> list[str]:
    """Take all pictures, or those whose name fits a pattern; return what is wrong with the pages.

    `few`: of each page four in place of eight, in which each screen, each ground and each language is there twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, served(Path(data), HOST) as place, sync_playwright() as playwright:
        place.ask("furnish")
        flags = [*FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        factors = Factors(place.ask("keys"))
        studios = [Studio(place, browser, folder, language, factors, few=few) for language in ("en", "es")]
        troubles = [f"no value for {one}" for one in place.ask("unfilled")]
        for who, name, lead in list(steps(place)):
            for studio in studios if re.search(only, name) else ():
                try:
                    desk = studio.desk(who)
                    lead(desk)
                    studio.shoot(name, desk.page)
                except Exception as error:  # noqa: BLE001 - the others are taken all the same
                    troubles.append(f"{name} {studio.language}: no picture: {error}")
            sys.stderr.write(f"{name}\n" if re.search(only, name) else "")
        for studio in studios:
            studio.close()
        english, spanish = studios
        for name, texts in english.texts.items():
            same = texts & spanish.texts.get(name, set())
            troubles += [f"{name}: the same in both languages: {one[:90]!r}" for one in sorted(same)]
        return [*troubles, *english.troubles, *spanish.troubles]


def main() -> None:
    """Take them into the folder that is given."""
    few, given = "--few" in sys.argv, [word for word in sys.argv[1:] if word != "--few"]
    folder = Path(given[0])
    troubles = take(folder, *given[1:2], few=few)
    (folder / "troubles.txt").write_text("\n".join(troubles) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(troubles) + "\n")


if __name__ == "__main__":
    main()

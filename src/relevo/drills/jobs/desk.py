"""Somebody at a browser: opens pages, fills forms in, presses buttons, and is told what a page complains of."""

from __future__ import annotations

from playwright.sync_api import Page

from relevo.errors import DrillError
from relevo.i18n import _

ADMINISTRATION, PORTAL = "/admin/", "/account/"
_COMPLAINTS = ".errorlist li, .errornote, .wrong, .refused, [role=alert], .relevo-error"
_SAVE = "button[name=_save]:visible, input[name=_save]:visible"
_SEND = "#content form[method=post] button:visible, main form[method=post] button:visible"


class Desk:
    """Whoever it is sits at one page."""

    def __init__(self, base: str, page: Page) -> None:
        self.base, self.page = base, page

    @property
    def path(self) -> str:
        """Where the page is."""
        return self.page.url.removeprefix(self.base)

    def go(self, path: str) -> int:
        """Open a page; return its status."""
        answer = self.page.goto(self.base + path)
        return answer.status if answer else 0

    def fill(self, **given: str | bool) -> None:
        """Fill fields in by their names: a text, or yes or no; a choice by what it is called."""
        for name, value in given.items():
            field = f"#id_{name}"
            if isinstance(value, bool):
                self.page.set_checked(field, value, force=True)  # Unfold's switches lie over the box
            elif self.page.locator(field).evaluate("one => one.tagName") == "SELECT":
                self.page.select_option(field, label=value)
            else:
                self.page.fill(field, value)

    def tick(self, *labels: str) -> None:
        """Tick some of several, by the beginning of what stands beside them."""
        for label in labels:
            self.page.locator("label", has_text=label).locator("input[type=checkbox]").first.check(force=True)

    def save(self) -> None:
        """Save a form of the administration; raise DrillError with what it complains of."""
        self.press(_SAVE)

    def send(self) -> None:
        """Press the first button of a page's form, which is what the page is for."""
        self.press(_SEND)

    def press(self, button: str) -> None:
        """Press a button that leads to another page; raise DrillError with what that complains of."""
        self.push(button)
        if told := self.complaints():
            raise DrillError(f"{self.path}: {'; '.join(told)}")

    def push(self, button: str) -> None:
        """Press a button that leads to another page, whatever that says."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()

    def complaints(self) -> list[str]:
        """Return what the page says is wrong."""
        texts = (text.strip() for text in self.page.locator(_COMPLAINTS).all_inner_texts())
        return [text for text in texts if text]

    def refuses(self, word: str) -> None:
        """Save a form that must be refused; raise DrillError when it was taken, or for another reason."""
        self.push(_SAVE if self.page.locator(_SAVE).count() else _SEND)
        said = "; ".join(self.complaints())
        if word not in said:
            text = _("{path}: refused with {word!r} expected; it says: {said}")
            raise DrillError(text.format(path=self.path, word=word, said=said or _("nothing")))

    def open_entry(self, kind: str, name: str, query: str = "") -> str:
        """Open an entry by the search of its list; return the path of its form."""
        self.go(f"/admin/directory/{kind}/?q={name}{query}")
        with self.page.expect_navigation():
            self.page.locator("#result_list a, table a", has_text=name).first.click()
        return self.path

    def follow(self, part: str) -> None:
        """Follow a link that has this in its address."""
        with self.page.expect_navigation():
            self.page.locator(f"a[href*='{part}']:visible").first.click()

    def remove_entry(self, kind: str, name: str) -> None:
        """Remove an entry: the page asks first, and nothing is done before the answer."""
        self.open_entry(kind, name)
        self.follow("/delete/")
        self.send()

    def text(self) -> str:
        """Return what the page says."""
        return self.page.inner_text("body")

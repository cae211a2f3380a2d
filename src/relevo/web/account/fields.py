"""Fields of the portal's forms, as plain HTML: phones show the right keyboard, password managers know what is what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

_BARE = {"autocapitalize": "none", "spellcheck": "false"}


class Text(forms.CharField):
    """A line of text."""

    def __init__(
        self, *, label: Any, help_text: Any = "", required: bool = True, most: int = 200, **attrs: str
    ) -> None:
        super().__init__(
            label=label, help_text=help_text, required=required, max_length=most, widget=forms.TextInput(attrs=attrs)
        )


class Password(forms.CharField):
    """A password; `kept`: `current-password` or `new-password`, for the browser's password manager."""

    def __init__(self, *, label: Any, help_text: Any = "", kept: str = "current-password") -> None:
        super().__init__(
            label=label, help_text=help_text, strip=False, max_length=200,
            widget=forms.PasswordInput(attrs={"autocomplete": kept, **_BARE}),
        )


class Lines(forms.CharField):
    """Several addresses; one a line, or with commas or spaces between them."""

    def __init__(self, *, label: Any, help_text: Any = "", rows: int = 3) -> None:
        box = forms.Textarea(attrs={"rows": rows, "inputmode": "email", **_BARE})
        super().__init__(label=label, help_text=help_text, required=False, max_length=20000, widget=box)

    def to_python(self, value: Any) -> Any:
        """Return the words."""
        return value if isinstance(value, list) else str(value or "").replace(",", " ").replace(";", " ").split()

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the box."""
        return "\n".join(value) if isinstance(value, list) else value

    def validate(self, value: Any) -> None:
        """Leave words to the directory."""

    def run_validators(self, value: Any) -> None:
        """Bound the text as it was sent, not the list of its words."""
        super().run_validators(" ".join(value))


class Tick(forms.BooleanField):
    """Yes or no."""

    def __init__(self, *, label: Any, help_text: Any = "", initial: bool = False) -> None:
        super().__init__(label=label, help_text=help_text, required=False, initial=initial)


class Choice(forms.ChoiceField):
    """One of a few; that may be what is called by nothing."""

    def __init__(self, choices: Sequence[tuple[str, Any]], *, label: Any) -> None:
        super().__init__(choices=choices, label=label, required=False)


class Day(forms.DateField):
    """A day, or none; browsers show a calendar."""

    def __init__(self, *, label: Any, help_text: Any = "") -> None:
        super().__init__(
            label=label, help_text=help_text, required=False, input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )


class LongText(forms.CharField):
    """A text of several lines, with the line ends that the directory has."""

    def __init__(self, *, label: Any, most: int, help_text: Any = "") -> None:
        super().__init__(
            label=label, help_text=help_text, required=False, max_length=most, widget=forms.Textarea(attrs={"rows": 8})
        )

    def to_python(self, value: Any) -> str:
        """Return the text."""
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

"""Forms that write through the directory's functions: what those refuse is one message at the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory import scope
from relevo.directory.models import Administrator, Domain
from relevo.errors import DirectoryError
from relevo.web.login import sentence


class Text(forms.CharField):
    """A line of text."""

    def __init__(self, *, label: Any, help_text: Any = "", required: bool = False, most: int = 200) -> None:
        super().__init__(
            label=label, help_text=help_text, required=required, max_length=most,
            widget=widgets.UnfoldAdminTextInputWidget(),
        )


class Number(forms.IntegerField):
    """A number from 0."""

    def __init__(self, *, label: Any, help_text: Any = "", required: bool = True) -> None:
        super().__init__(
            label=label, help_text=help_text, required=required, min_value=0, max_value=2**31 - 1,
            widget=widgets.UnfoldAdminIntegerFieldWidget(),
        )


class Switch(forms.BooleanField):
    """Yes or no."""

    def __init__(self, *, label: Any, help_text: Any = "", initial: bool = False) -> None:
        super().__init__(
            label=label, help_text=help_text, required=False, initial=initial,
            widget=widgets.UnfoldBooleanSwitchWidget(),
        )


class Choice(forms.ChoiceField):
    """One of a few."""

    def __init__(
        self, choices: Sequence[tuple[str, Any]], *, label: Any, initial: str = "", help_text: Any = ""
    ) -> None:
        super().__init__(
            choices=choices, label=label, initial=initial, help_text=help_text, widget=widgets.UnfoldAdminSelectWidget()
        )


class Password(forms.CharField):
    """A new password, shown when its reader wants so, and not one that the browser keeps for this site."""

    def __init__(self, *, label: Any, help_text: Any = "", required: bool = False, kept: str = "new-password") -> None:
        super().__init__(
            label=label, help_text=help_text, required=required, strip=False, max_length=200,
            widget=widgets.UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": kept}),
        )


class Lines(forms.CharField):
    """Several words, an address or a domain each; one a line, or with commas between them."""

    def __init__(self, *, label: Any, help_text: Any = "", required: bool = False) -> None:
        box = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(label=label, help_text=help_text, required=required, widget=box)

    def to_python(self, value: Any) -> Any:
        """Return the words."""
        return value if isinstance(value, list) else str(value or "").replace(",", " ").split()

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the box."""
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether there are other words."""
        return bool(self.to_python(initial) != self.to_python(data))


class DomainChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs alone
    """One of the administrator's domains; the form fills in which."""

    def __init__(self, *, label: Any, help_text: Any = "", required: bool = True, empty: Any = None) -> None:
        super().__init__(
            queryset=Domain.objects.none(), label=label, help_text=help_text, required=required, empty_label=empty,
            widget=widgets.UnfoldAdminSelectWidget(),
        )


class DirectoryForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A form whose `write` calls the directory's functions; it does so when all fields are well, before `is_valid`.

    `administrator` is who has the form before them.
    """

    administrator: ClassVar[Administrator]

    class Meta:  # noqa: D106 - Django's name
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial = {**self.values(self.instance), **self.initial}
        else:
            self.initial.pop("domain", None)  # from the list's filter by a link: the choice below decides
        self.limit()

    def values(self, entry: Any) -> dict[str, Any]:
        """Return what the fields show of an entry."""
        return {}

    def limit(self) -> None:
        """Offer only what the administrator may choose."""
        own = scope.domains(self.administrator).filter(alias_of=None)
        for field in self.fields.values():
            if isinstance(field, DomainChoice):
                field.queryset = own

    def write(self, given: dict[str, Any]) -> Model:
        """Carry out what the form asks for; return the entry as it is then."""
        raise NotImplementedError

    def changed(self, given: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
        """Return those of the values that somebody has changed: others may have changed the rest meanwhile."""
        return {name: given[name] for name in names if name in self.changed_data}

    def clean(self) -> dict[str, Any]:
        """Compare the password and its repetition."""
        given: dict[str, Any] = self.cleaned_data
        if given.get("password") != given.get("again") and "again" in self.fields and not self.errors:
            self.add_error("again", _("The two passwords are not the same."))
        return given

    def _post_clean(self) -> None:
        """Write, in place of Django's filling of the row: rows are the directory's."""
        if self.errors:
            return
        try:
            self.instance = self.write(self.cleaned_data)
        except DirectoryError as error:
            self.add_error(None, sentence(error))

    def save(self, commit: bool = True) -> Any:
        """Return the entry, which is written already."""
        return self.instance

"""What all sections of the site share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin as DjangoAdmin
from django.contrib.admin import ShowFacets, display
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin as UnfoldAdmin

from relevo.directory.models import Administrator
from relevo.directory.searching import matching
from relevo.web.asking import Question, ask
from relevo.web.counting import Counting
from relevo.web.form import DirectoryForm

ROWS = 50
_large = lazy(capfirst, str)


def column(name: Any, **options: Any) -> Any:
    """Say what a column of a list is called: large at its beginning, also beside a value on a phone.

    What is empty is shown as such.
    """

    def mark(shown: Callable[[Any, Any], Any]) -> Any:
        @wraps(shown)
        def cell(section: Any, entry: Any) -> Any:
            value = shown(section, entry)
            return None if value == "" else value

        return display(description=_large(name), **options)(cell)

    return mark


class WithoutTransaction(DjangoAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Django's pages of one entry without the transaction around them.

    Each function of the directory has its own, and runs it again when Galera lets another change go first; that is only
    possible where none is open.
    """

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or send the form of one entry."""
        return self._changeform_view(  # type: ignore[attr-defined, no-any-return] # the stubs lack it
            request, object_id, form_url, extra_context
        )


class Section(UnfoldAdmin, WithoutTransaction):
    """The list of one kind of entry, and the form of each: rows from `rows`, writing by the forms."""

    new_form: ClassVar[type[DirectoryForm]]
    changing_form: ClassVar[type[DirectoryForm]]
    new_fields: ClassVar[Any]
    changing_fields: ClassVar[Any]
    empty_hint: ClassVar[Any] = ""  # what to do when there is none
    adding: ClassVar[Any] = ""  # what the buttons say
    removing: ClassVar[Any] = ""
    nothing_yet, show_all = _("There is nothing here yet"), _("Show all")
    nothing_found, search_again = _("Nothing was found"), _("Search for other words, or take the filters off.")
    text_fields: ClassVar[tuple[str, ...]] = ()  # searched in any case, beside the lower-case `search_fields`

    actions = None  # nothing is done to many at once
    paginator = Counting
    list_per_page = ROWS
    list_max_show_all = ROWS
    show_full_result_count = False  # one count less
    show_facets = ShowFacets.NEVER  # a count for each choice
    list_filter_sheet = True

    def rows(self, administrator: Administrator) -> QuerySet[Any]:
        """Return the rows that an administrator sees."""
        raise NotImplementedError

    def removal(self, request: HttpRequest, entry: Any) -> Question:
        """Return what is asked before an entry is removed."""
        raise NotImplementedError

    # --- which rows, and who may do what ------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of whoever is logged in."""
        return self.rows(who(request))

    def in_use(self, request: HttpRequest) -> QuerySet[Any]:
        """Return those rows that the list shows at first."""
        return self.get_queryset(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the section is in the menu."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the section can be seen; which rows is `rows`' matter."""
        return request.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether entries can be added."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether entries can be changed."""
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether entries can be removed."""
        return self.has_view_permission(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find every word."""
        return matching(queryset, search_term, self.search_fields, self.text_fields), False

    # --- forms --------------------------------------------------------------------------------------------------------
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        """Return the form for a new entry, or for one that is there."""
        form = self.changing_form if obj else self.new_form
        return type(form.__name__, (form,), {"administrator": who(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return how the fields are grouped."""
        return self.changing_fields if obj else self.new_fields

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[InlineModelAdmin[Any, Any]]:
        """Have no forms within forms."""
        return []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has written."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Do nothing, for the same reason."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, and have the directory remove the entry."""
        entry = self.get_object(request, unquote(object_id))
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.has_delete_permission(request, entry):
            raise PermissionDenied
        return ask(self, request, entry, self.removal(request, entry))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the directory has written its audit entry."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing, for the same reason."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the audit log says of an entry."""
        entry = self.get_object(request, unquote(object_id))
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        return redirect(reverse("admin:directory_auditentry_changelist", query={"q": self.in_audit_log(entry)}))

    def in_audit_log(self, entry: Any) -> str:
        """Return by which word the audit log has what became of an entry."""
        return str(entry)

    # --- columns that most lists have ---------------------------------------------------------------------------------
    @column(_("address"), ordering="address")
    def at_address(self, entry: Any) -> str:
        """Return its address."""
        return str(entry.address)

    @column(_("switched on"), boolean=True, ordering="enabled")
    def is_on(self, entry: Any) -> bool:
        """Tell whether it takes mail."""
        return bool(entry.enabled)


def who(request: HttpRequest) -> Administrator:
    """Return who is logged in; pages of the site are shown to nobody else."""
    if not isinstance(request.user, Administrator):
        raise TypeError(request.user)
    return request.user


def is_global(request: HttpRequest) -> bool:
    """Tell whether who asks is logged in and sees everything; Django also asks for pages of nobody."""
    return isinstance(request.user, Administrator) and request.user.is_global


def addresses(rows: Iterable[Model], most: int = 3) -> str:
    """Return some of many addresses, for a cell of a list; the rows are fetched already."""
    texts = sorted(map(str, rows))
    return ", ".join(texts[:most]) + (f" … (+{len(texts) - most})" if len(texts) > most else "")


def moment(at: datetime) -> str:
    """Return a date and time in the platform's time zone, which it names, to the second."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}"

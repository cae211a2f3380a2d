"""The rows of a list. Unfold makes a list's headings anew for each row, and half a page of class names for each cell.

Cells come from methods of the section, marked by `column`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.template import Library
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_value

register = Library()
_ENTRY = "an-entry"  # stands in the address of an entry's page where its key comes


@register.inclusion_tag("relevo/rows.html", takes_context=True)
def rows(context: RequestContext, cl: ChangeList) -> dict[str, Any]:
    """Show a list: its headings and rows, or what to do when there are none."""
    headers = list(result_headers(cl))
    return {
        "cl": cl, "result_headers": headers,
        "num_sorted_fields": sum(header["sortable"] and header["sorted"] for header in headers),
        "rows": list(_rows(cl, [header["text"] for header in headers])),
        "has_add_permission": cl.model_admin.has_add_permission(context["request"]),
    }


def _rows(cl: ChangeList, headings: list[str]) -> Iterator[SafeString]:
    """Return the cells of each row as HTML: the first links to the entry's page."""
    section = cl.model_admin
    cells = [getattr(section, str(name)) for name in cl.list_display]
    before_link, after_link = _link(cl)
    first, *others = _openings(cl, headings)
    nothing, signs = section.get_empty_value_display(), dict[Any, str]()

    def shown(cell: Any, entry: Any) -> str:
        value = cell(entry)
        if not getattr(cell, "boolean", False):
            return conditional_escape(display_for_value(value, nothing))
        if value not in signs:
            signs[value] = display_for_value(value, nothing, boolean=True)
        return signs[value]

    for entry in cl.result_list:
        link = f"{before_link}{conditional_escape(quote(str(entry.pk)))}{after_link}"
        rest = "".join(f"{opening}{shown(cell, entry)}</td>" for opening, cell in zip(others, cells[1:], strict=True))
        yield mark_safe(f"{first}{link}{shown(cells[0], entry)}</a></th>{rest}")  # noqa: S308 - each part is escaped


def _openings(cl: ChangeList, headings: list[str]) -> list[str]:
    tags = ['<th scope="row"', *["<td"] * (len(headings) - 1)]
    return [
        mark_safe(tag) + format_html(' class="field-{} relevo-field" data-label="{}">', name, heading)  # noqa: S308 - ours
        for tag, name, heading in zip(tags, cl.list_display, headings, strict=True)
    ]


def _link(cl: ChangeList) -> tuple[str, str]:
    """Return what is before and after an entry's key in the link to its page, which knows the way back to the list."""
    page = reverse(f"admin:{cl.opts.app_label}_{cl.opts.model_name}_change", args=(_ENTRY,))
    page = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": cl.opts}, page)
    before, _, after = format_html('<a href="{}" class="relevo-entry">', page).partition(_ENTRY)
    return before, after

"""`{% list_table cl as table %}`: the headings and rows of a list."""

from typing import Any

from django import template
from django.contrib.admin.utils import label_for_field
from django.utils.text import capfirst

register = template.Library()


@register.simple_tag
def list_table(changelist: Any) -> dict[str, Any]:
    # Imported when used: these import the theme, and the theme reads our tags.
    from destinations.admin.lists import table

    labels = {
        name: capfirst(str(label_for_field(name, changelist.model, changelist.model_admin)))
        for name in changelist.list_display
        if name != table.CHECKBOX
    }
    return {"labels": labels, "rows": list(table.rows(changelist, labels))}

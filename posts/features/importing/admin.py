"""The pages of imports: how far each is, which rows were refused, and its cancellation."""

from collections.abc import Iterator

from django.contrib import admin

from destinations.admin.actions.bulk import Each
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from posts.errors import RequestRefused
from posts.features.importing import imports
from posts.features.importing.models import Import

#: How many refused rows a page shows; the API has all of them.
REFUSED = 50
#: The colours of Import.Status.
STATES = {
    "Processing": "info",
    "Completed": "success",
    "Cancelled": "warning",
    "Stopped": "danger",
}


def _errors(job: Import) -> Iterator[str]:
    for row in job.rows.filter(is_done=True, is_ok=False).order_by("number")[:REFUSED]:
        said = (f"{each['field']}: {each['message']}".removeprefix(": ") for each in row.errors)
        yield f"Row {row.number}: {' '.join(said)}"


@admin.register(Import)
class ImportAdmin(BoundedAdmin):
    """Customers send files through the API; operators look, and may cancel."""

    list_display = ("__str__", "workspace", "shown_state", "progress", "refused", "created_at")
    list_filter = ("status", filters.related("workspace"))
    list_select_related = ("workspace",)
    sections = {
        "": ("shown_state", "reason", "progress", "refused", "workspace"),
        "Rows that were refused": ("errors",),
        "Its file": ("filename", "again", "is_dry_run", "shown_warnings"),
        "History": ("by", "request_id", "tries", "due_at", "created_at", "ended_at"),
    }
    shown_state = columns.choice("status", STATES, "State")
    progress = Column("Rows done", lambda job: f"{job.done} of {job.total}")
    refused = Column("Rows refused", lambda job: job.invalid)
    errors = columns.lines("Errors", _errors)
    shown_warnings = Column("Warnings", lambda job: " ".join(job.warnings) or "none")
    actions = ("cancel",)
    #: Makes no more posts; those that were made stay.
    cancel = Each(
        "Cancel",
        "cancelled",
        lambda job, who: imports.cancel(job, who["by"]),
        refused=RequestRefused,
    )

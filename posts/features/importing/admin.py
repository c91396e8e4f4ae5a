"""The pages of imports: how far each is, which rows were refused, and its cancellation."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.errors import RequestRefused
from posts.features.importing import imports
from posts.features.importing.models import Import, ImportRow

#: How many refused rows a page shows; the API has all of them.
REFUSED = 50
#: The colours of Import.Status.
STATES = {
    "Processing": "info",
    "Completed": "success",
    "Cancelled": "warning",
    "Stopped": "danger",
}


@admin.register(Import)
class ImportAdmin(BoundedList, ReadOnlyAdmin):
    """Customers send files through the API; operators look, and may cancel."""

    list_display = ("__str__", "workspace", "shown_state", "progress", "refused", "created_at")
    list_filter = ("status", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    actions = ("cancel",)
    fieldsets = (
        (None, {"fields": ("shown_state", "reason", "progress", "refused", "workspace")}),
        ("Rows that were refused", {"fields": ("errors",)}),
        ("Its file", {"fields": ("filename", "again", "is_dry_run", "shown_warnings")}),
        ("History", {"fields": ("by", "request_id", "tries", "due_at", "created_at", "ended_at")}),
    )

    @display(description="State")
    def shown_state(self, job: Import) -> SafeString | str:
        return rendering.label(job.get_status_display(), STATES)

    @display(description="Rows done")
    def progress(self, job: Import) -> str:
        return f"{job.done} of {job.total}"

    @display(description="Rows refused")
    def refused(self, job: Import) -> int:
        return job.invalid

    @display(description="Errors")
    def errors(self, job: Import) -> SafeString | str:
        found = job.rows.filter(is_done=True, is_ok=False).order_by("number")[:REFUSED]
        lines = ((row.number, _words(row)) for row in found)
        return format_html_join("", "<div>Row {}: {}</div>", lines) or "none"

    @display(description="Warnings")
    def shown_warnings(self, job: Import) -> str:
        return " ".join(job.warnings) or "none"

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Import]) -> HttpResponse | None:
        """Make no more posts; those that were made stay."""
        done = 0
        for job in list(chosen):
            try:
                imports.cancel(job, f"operator:{request.user}")
            except RequestRefused as refused:
                messages.warning(request, f"{job}: {refused.message}")
                continue
            self.log_change(request, job, f"Cancelled by operator:{request.user}")
            done += 1
        messages.success(request, f"{done} cancelled.")
        return confirmation.back(self, request)


def _words(row: ImportRow) -> str:
    said = (f"{each['field']}: {each['message']}".removeprefix(": ") for each in row.errors)
    return " ".join(said)

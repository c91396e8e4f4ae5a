"""The admin pages of periodic tasks and their schedules.

config/queue/schedule.py makes the row of the tick; the operator chooses its interval. What would
keep it from running is saved only with its name typed, and a list's actions leave it on.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.queue import schedule
from config.queue.schedule import PERIODIC_TASKS
from destinations.admin.lists.changelist import DeclaredFilters

for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule):
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The names of the tasks that workers know."""

    template_name = UnfoldAdminSelectWidget.template_name


class PeriodicTaskForm(beat.PeriodicTaskForm):
    typed_name = forms.CharField(
        label="Confirmation",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()
        if self.instance.name == schedule.TICK_NAME:
            self.fields["typed_name"].help_text = _advice()
        else:
            del self.fields["typed_name"]

    def _post_clean(self) -> None:
        """Here the row has the values of the form."""
        super()._post_clean()
        if self.errors or self.instance.name != schedule.TICK_NAME:
            return
        wrong = list(schedule.tick_problems(self.instance))
        if wrong and self.cleaned_data["typed_name"] != schedule.TICK_NAME:
            said = f"With these values the tick {', and '.join(wrong)}. To save them all the same, "
            self.add_error("typed_name", f"{said}type its name: {schedule.TICK_NAME}")


def _advice() -> str:
    return format_html(
        "Type “{}” to save values with which the tick does not run. To stop publishing, "
        '<a class="dovecote-link" href="{}">pause it instead</a>: posts wait, and customers are '
        "told.",
        schedule.TICK_NAME,
        reverse("admin:destinations_pause_changelist"),
    )


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(DeclaredFilters, beat.PeriodicTaskAdmin, ModelAdmin):
    form = PeriodicTaskForm
    # Not beat's own: its inline script, for another admin's form, breaks the page's policy.
    change_form_template = "admin/change_form.html"
    date_hierarchy = None

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Not ours: nothing would be published. So the tick's interval cannot be deleted either."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.name not in PERIODIC_TASKS)

    def get_readonly_fields(self, request: HttpRequest, obj: PeriodicTask | None = None) -> Any:
        """Ours are known by their names."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "name") if obj and obj.name in PERIODIC_TASKS else fields

    def get_fieldsets(self, request: HttpRequest, obj: PeriodicTask | None = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        is_tick = obj is not None and obj.name == schedule.TICK_NAME
        if not (is_tick and self.has_change_permission(request, obj)):
            return (first, *others)
        # Near the switch, where its error is seen.
        return (first, ("To stop it", {"fields": ("typed_name",)}), *others)

    def get_actions(self, request: HttpRequest) -> Any:
        """Beat's own ask for no permission."""
        return super().get_actions(request) if self.has_change_permission(request) else {}

    def save_model(
        self, request: HttpRequest, obj: PeriodicTask, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if obj.name == schedule.TICK_NAME and (wrong := list(schedule.tick_problems(obj))):
            said = f"The tick {', and '.join(wrong)}: confirmed by operator:{request.user}"
            self.log_change(request, obj, said)

    @admin.action(description="Enable selected tasks")
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self._act(request, queryset, "Enabled", super().enable_tasks)

    @admin.action(description="Disable selected tasks")
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self._act(request, self._but_the_tick(request, queryset), "Disabled", super().disable_tasks)

    @admin.action(description="Toggle activity of selected tasks")
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        chosen = self._but_the_tick(request, queryset)
        self._act(request, chosen, "Toggled", super().toggle_tasks)

    @admin.action(description="Run selected tasks")
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self._act(request, queryset, "Run", super().run_tasks)

    def _but_the_tick(
        self, request: HttpRequest, chosen: QuerySet[PeriodicTask]
    ) -> QuerySet[PeriodicTask]:
        """The chosen ones without a tick that is on; tells the operator."""
        ticking = chosen.filter(name=schedule.TICK_NAME, enabled=True).first()
        if ticking is None:
            return chosen
        url = reverse("admin:django_celery_beat_periodictask_change", args=[ticking.pk])
        said = "“{}” was left on, because posts would no longer go out at their time. It can be "
        said += 'switched off <a href="{}">on its own page</a>.'
        self.message_user(request, format_html(said, schedule.TICK_NAME, url), messages.ERROR)
        return chosen.exclude(pk=ticking.pk)

    def _act(
        self,
        request: HttpRequest,
        chosen: QuerySet[PeriodicTask],
        done: str,
        act: Callable[[HttpRequest, QuerySet[PeriodicTask]], None],
    ) -> None:
        """Act on the chosen ones, if any, and log each in the operator's name."""
        rows = list(chosen)
        if not rows:
            return
        act(request, PeriodicTask.objects.filter(pk__in=[row.pk for row in rows]))
        for row in rows:
            self.log_change(request, row, f"{done} by operator:{request.user}")


class IntervalForm(forms.ModelForm):
    def _post_clean(self) -> None:
        super()._post_clean()
        for row in PeriodicTask.objects.filter(name=schedule.TICK_NAME, interval=self.instance.pk):
            row.interval = self.instance
            if not self.errors and (wrong := list(schedule.tick_problems(row))):
                said = f"The tick has this interval, and with it {', and '.join(wrong)}. Make "
                self.add_error(None, f"{said}another interval, and choose it on the tick's page.")


@admin.register(CrontabSchedule, ClockedSchedule, SolarSchedule)
class ScheduleAdmin(DeclaredFilters, ModelAdmin):
    pass


@admin.register(IntervalSchedule)
class IntervalAdmin(ScheduleAdmin):
    form = IntervalForm

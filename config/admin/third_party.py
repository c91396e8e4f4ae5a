"""The admin pages of third-party models, registered again in our theme."""

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.operators import second_factor
from config.queue.schedule import PERIODIC_TASKS
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.changelist import DeclaredFilters

for model in (
    TOTPDevice,
    StaticDevice,
    User,
    Group,
    PeriodicTask,
    IntervalSchedule,
    CrontabSchedule,
    ClockedSchedule,
    SolarSchedule,
):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DeclaredFilters, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (*DjangoUserAdmin.list_display, "second_factor")
    actions = ("remove_second_factor",)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Only a superuser may weaken another operator's login."""
        return bool(request.user.is_superuser)

    @display(description="Second factor", boolean=True)
    def second_factor(self, user: User) -> bool:
        return second_factor.has(user)

    @admin.action(description="Remove second factor", permissions=["remove"])
    def remove_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen:
            if second_factor.remove(user):
                self.log_change(request, user, "Second factor removed")
                messages.success(request, f"{user} logs in without a second factor now.")
            else:
                messages.warning(request, f"{user} has no second factor.")


@admin.register(Group)
class GroupAdmin(DeclaredFilters, DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(AccessAttempt)
class WrongPasswordsAdmin(ReadOnlyAdmin):
    """Wrong passwords by user and address; a row has no effect once its lock has ended."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    ordering = ("-attempt_time",)
    hidden = ("get_data", "post_data", "http_accept")
    actions = ("forgive",)

    @admin.action(description="Remove lock", permissions=["operate"])
    def forgive(self, request: HttpRequest, chosen: QuerySet[AccessAttempt]) -> None:
        for attempt in chosen:
            said = f"Wrong passwords of {attempt.username} forgiven by operator:{request.user}"
            self.log_change(request, attempt, said)
        count, _ = chosen.delete()
        messages.success(request, f"{count} removed: they may log in again at once.")


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The names of the tasks that workers know."""

    template_name = UnfoldAdminSelectWidget.template_name


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(DeclaredFilters, beat.PeriodicTaskAdmin, ModelAdmin):
    """config/queue/schedule.py makes the row of the tick; the operator chooses its interval."""

    form = PeriodicTaskForm
    # Not beat's own: its inline script, for another admin's form, breaks the page's policy.
    change_form_template = "admin/change_form.html"
    date_hierarchy = None

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        """Not the tick's: nothing would be published. So its interval cannot be deleted either."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.name not in PERIODIC_TASKS)


@admin.register(IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule)
class ScheduleAdmin(DeclaredFilters, ModelAdmin):
    pass

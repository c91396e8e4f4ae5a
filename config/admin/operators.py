"""The admin pages of operators, their groups and their wrong passwords.

Rights cannot be gained here: an operator who may change users, and is no superuser, changes none
who may do more than they do, and gives no right that they lack. Rights of inactive users count,
too: an operator who could change one could activate them.
"""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import ManyToManyField, Q, QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from config.operators import roles, second_factor
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.changelist import DeclaredFilters
from destinations.wording import quoted


def may_change(user: User | AnonymousUser, other: User) -> bool:
    """Return whether `other` has no right that `user` lacks."""
    if user.is_superuser:
        return True
    return not other.is_superuser and not rights(other).exclude(pk__in=rights(user)).exists()


def groups_to_give(user: User | AnonymousUser) -> QuerySet[Group]:
    """The groups that hold no right that `user` lacks."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=rights(user))
    return Group.objects.exclude(permissions__in=beyond)


def rights(user: User | AnonymousUser) -> QuerySet[Permission]:
    """Return the permissions that the user has, by themselves or by a group."""
    return Permission.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).distinct()


for model in (TOTPDevice, StaticDevice, User, Group):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DeclaredFilters, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (*DjangoUserAdmin.list_display, "second_factor")
    actions = ("remove_second_factor",)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Only a superuser may weaken another operator's login."""
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "groups":
            options["queryset"] = groups_to_give(request.user)
        return super().formfield_for_manytomany(db_field, request, **options)

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


#: What only a superuser gives; others give groups.
RIGHTS = ("is_superuser", "user_permissions")


@admin.register(Group)
class GroupAdmin(DeclaredFilters, DjangoGroupAdmin, ModelAdmin):
    """The roles are seen, not changed: every migration sets them to config/operators/roles.py."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.name not in roles.ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.name not in roles.ROLES)


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
            said = (
                f"Wrong passwords of {quoted(attempt.username)} forgiven by operator:{request.user}"
            )
            self.log_change(request, attempt, said)
        count, _ = chosen.delete()
        messages.success(request, f"{count} removed: they may log in again at once.")

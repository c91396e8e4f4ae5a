"""Who may change whom: operators who may do no more than oneself.

Rights of inactive users count, too: who could change one, could activate them.
"""

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet


def may_change(user: User | AnonymousUser, other: User) -> bool:
    """Whether `other` has no right that `user` lacks."""
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
    """What the user was given, by themselves or by a group."""
    return Permission.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).distinct()

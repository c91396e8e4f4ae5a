"""The roles of operators: three groups, made by every migration, and what each may do.

A role is all of the one before it and something more. The groups are this table's alone: a
migration sets them to it, and undoes what was changed by hand. For other rights make a group of
your own and put operators into it as well. A superuser may do everything, and has no role.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps as registry
from django.contrib.auth.management import create_permissions

from posts import features

VIEWER = "Viewer"
ON_CALL = "On-call"
ADMINISTRATOR = "Administrator"
ROLES = (VIEWER, ON_CALL, ADMINISTRATOR)


class May(NamedTuple):
    """The rights of a role on a model beyond those of the role before it, in Django's words."""

    viewer: str = ""
    on_call: str = ""
    administrator: str = ""


#: Every model that has a page in the admin. `view` shows it; `change` allows its actions too.
TABLE: dict[str, May] = {
    # What is published: which those on call act on.
    # `approve`: also to publish without an approval.
    "posts.post": May("view", "change approve"),
    "posts.media": May("view", "change"),
    "destinations.destination": May("view", "change"),
    "destinations.account": May("view", "change"),
    "destinations.pause": May("view", "change"),
    # Evidence, which no operator changes.
    "destinations.attempt": May("view"),
    "destinations.event": May("view"),
    "destinations.deletion": May("view"),
    "posts.devicelogin": May("view"),
    # `change` allows a test message.
    "config.incident": May("view", "change"),
    # Customers, and the clock.
    "posts.workspace": May("view", "", "add change"),
    "posts.apikey": May("view", "", "add change"),
    "posts.oauthgrant": May("view", "", "change"),
    "posts.oauthclient": May("view", "", "change"),
    "django_celery_beat.periodictask": May("view", "", "add change delete"),
    "django_celery_beat.intervalschedule": May("view", "", "add change delete"),
    "django_celery_beat.crontabschedule": May("view", "", "add change delete"),
    "django_celery_beat.clockedschedule": May("view", "", "add change delete"),
    "django_celery_beat.solarschedule": May("view", "", "add change delete"),
    # Operators' logins. No `delete`: what a user did would be forgotten with them. An operator who
    # could change a group could give themselves everything.
    "auth.user": May("", "", "view add change"),
    "auth.group": May("", "", "view"),
    "axes.accessattempt": May("", "", "view change"),
    # What features add.
    **{label: May(*may) for each in features.declared("RIGHTS") for label, may in each.items()},
}


def permissions(role: str) -> Iterator[str]:
    """Each permission of a role, such as `posts.view_post`."""
    for label, may in TABLE.items():
        app, _, model = label.partition(".")
        for words in may[: ROLES.index(role) + 1]:
            for word in words.split():
                yield f"{app}.{word}_{model}"


def give(user: Any, role: str) -> None:
    """Let the user into the admin, in this role instead of any other; their own groups stay."""
    from django.contrib.auth.models import Group

    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.remove(*Group.objects.filter(name__in=ROLES).exclude(name=role))
    user.groups.add(Group.objects.get(name=role))


def sync(sender: Any, using: str, apps: Any = registry, **_: Any) -> None:
    """Set the groups to the table. A post_migrate receiver, for the last app that has models.

    A permission that does not exist is left out: its model's app has not been migrated yet.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # a migration to a state without them
        return
    # Django makes those of the sender only after this; those of earlier apps exist.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    columns = ("content_type__app_label", "codename", "pk")
    rows = permission_model._default_manager.using(using).values_list(*columns)
    known = {f"{app}.{codename}": pk for app, codename, pk in rows}
    for role in ROLES:
        group, _is_new = group_model._default_manager.using(using).get_or_create(name=role)
        group.permissions.set([known[name] for name in permissions(role) if name in known])

"""From the claims of a login to an operator with a role, or to none.

The provider's groups decide at every login: OIDC_ROLES names the role of each. An operator is known
by issuer and subject. A name or an address would not do: people change them, and may choose those
of another operator.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection, transaction

from config.models import Identity
from config.operators import roles

log = structlog.get_logger("operators")
USERNAME_CHARS = 150
#: The columns of a user that follow a claim, and their lengths.
DESCRIBED = {
    "email": ("email", 254),
    "first_name": ("given_name", 150),
    "last_name": ("family_name", 150),
}


class NoRole(Exception):
    """None of the groups has a role here."""


def admit(claims: Mapping[str, Any]) -> User:
    """The operator, made or brought up to date. Raises NoRole; one who was known is locked out."""
    role = role_of(claims)
    with transaction.atomic():
        _one_at_a_time()
        user = _known(claims)
        if role is None:
            _lock_out(user)
        else:
            user = user or _made(claims)
            _describe(user, claims)
            roles.give(user, role)
    if user is None or role is None:
        raise NoRole
    return user


def role_of(claims: Mapping[str, Any]) -> str | None:
    """The highest role that the groups give."""
    groups = claims.get(settings.OIDC_GROUPS_CLAIM) or []
    named = [groups] if isinstance(groups, str) else groups
    given = {settings.OIDC_ROLES.get(str(group)) for group in named}
    return next((role for role in reversed(roles.ROLES) if role in given), None)


def _one_at_a_time() -> None:
    """Two first logins at once must not make two users."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('single sign-on', 0))")


def _known(claims: Mapping[str, Any]) -> User | None:
    wanted = {"issuer": settings.OIDC_ISSUER, "subject": str(claims["sub"])}
    identity = Identity.objects.filter(**wanted).select_related("user").first()
    return identity.user if identity else None


def _made(claims: Mapping[str, Any]) -> User:
    user = User(username=_free_name(claims))
    user.set_unusable_password()
    user.save()
    subject = str(claims["sub"])
    Identity.objects.create(user=user, issuer=settings.OIDC_ISSUER, subject=subject)
    return user


def _free_name(claims: Mapping[str, Any]) -> str:
    """What the provider calls them; with a number if an operator has that name already."""
    called = claims.get("preferred_username") or claims.get("email") or claims["sub"]
    name = re.sub(r"[^\w.@+-]", "-", str(called), flags=re.ASCII)[: USERNAME_CHARS - 5]
    taken = set(User.objects.filter(username__startswith=name).values_list("username", flat=True))
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _describe(user: User, claims: Mapping[str, Any]) -> None:
    for field, (claim, most_chars) in DESCRIBED.items():
        setattr(user, field, str(claims.get(claim) or "")[:most_chars])
    user.save(update_fields=list(DESCRIBED))


def _lock_out(user: User | None) -> None:
    """Not by `is_active`, which is for operators to switch: no login here switches it on again."""
    if user is None:
        return
    user.is_staff = False
    user.save(update_fields=["is_staff"])
    user.groups.remove(*Group.objects.filter(name__in=roles.ROLES))
    log.warning("sso_role_gone", user=user.get_username())

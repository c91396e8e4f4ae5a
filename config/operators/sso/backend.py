"""Exchange a code for a token, verify it, and find or make the operator whose it is.

The provider's groups decide at every login: OIDC_ROLES names the role of each. An operator is known
by issuer and subject. A name or an address would not do: people change them, and may choose those
of another operator.
"""

import re
from collections.abc import Mapping
from typing import Any

import jwt
import requests
import structlog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, User
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from config.models import Identity
from config.operators import roles
from config.operators.sso import provider
from destinations.runtime import database

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
    database.execute("SELECT pg_advisory_xact_lock(hashtextextended('single sign-on', 0))")


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
    """Return the provider's name for them, with a number if an operator has that name already."""
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


#: How far the provider's clock may be from ours, seconds.
LEEWAY_SECONDS = 60


class Backend(OIDCAuthenticationBackend):
    get_settings = staticmethod(provider.setting)
    # Django makes a backend for every permission that is asked for: nothing is read before a login.
    OIDC_RP_IDP_SIGN_KEY = None

    def __init__(self) -> None:
        self.UserModel = User

    def __getattr__(self, name: str) -> Any:
        """Settings that the base class reads when it is made, and addresses from the document."""
        endpoints = {
            "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
            "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
            "OIDC_OP_USER_ENDPOINT": "userinfo_endpoint",
        }
        if name in endpoints:
            return provider.document().get(endpoints[name])
        if name.startswith("OIDC_"):
            return provider.setting(name)
        raise AttributeError(name)

    def authenticate(self, request: HttpRequest, *, nonce: str, code_verifier: str) -> User | None:
        """The operator. Raises NoRole, Away, SuspiciousOperation, PyJWTError, RequestException.

        A password's login is not for this backend: Django asks it only with these arguments.
        """
        found: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        return found

    def get_user(self, user_id: int) -> User | None:
        """Not an inactive one, whom the base class would give."""
        found: User | None = ModelBackend.get_user(self, user_id)
        return found

    def _verify_jws(self, payload: str, key: Any) -> dict[str, Any]:
        """The claims of a token that is signed by the provider, for us, and still good.

        Source: https://openid.net/specs/openid-connect-core-1_0.html, section 3.1.3.7 (read
        2026-11-26). The base class checks the signature alone.
        """
        client, issuer = self.OIDC_RP_CLIENT_ID, provider.document()["issuer"]
        claims: dict[str, Any] = jwt.decode(
            payload,
            key,
            algorithms=[self.OIDC_RP_SIGN_ALGO],
            audience=client,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "sub", "nonce"]},
        )
        if claims.get("azp", client) != client:
            raise SuspiciousOperation("The token was issued to another client.")
        return claims

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """The key that the token names, or the provider's only one if it names none.

        Source: https://openid.net/specs/openid-connect-core-1_0.html, section 10.1 (read
        2026-11-29). The base class needs a name.
        """
        answer = requests.get(self.OIDC_OP_JWKS_ENDPOINT, timeout=provider.TIMEOUT_SECONDS)
        answer.raise_for_status()
        algorithm, name = self.OIDC_RP_SIGN_ALGO, jwt.get_unverified_header(token).get("kid")
        signing = [
            key
            for key in answer.json()["keys"]
            if key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
        ]
        found = [key for key in signing if name in (None, key.get("kid"))]
        if len(found) != 1:
            raise SuspiciousOperation("The provider has no key of the token's, or several.")
        return jwt.PyJWK(found[0], algorithm)

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User:
        """The groups are in the token, or the provider tells them separately."""
        claims = payload
        groups = settings.OIDC_GROUPS_CLAIM
        if groups not in claims and self.OIDC_OP_USER_ENDPOINT:
            told = self.get_userinfo(access_token, id_token, payload)
            if told.get("sub") != payload["sub"]:
                raise NotTheirs
            claims = {**told, **payload}
        return admit(claims)


class NotTheirs(requests.RequestException):
    """The provider told about another person than the token is of."""

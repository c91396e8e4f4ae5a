"""Exchange a code for a token, verify it, and read who it is of."""

from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from config.operators.sso import admission, provider

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
        return admission.admit(claims)


class NotTheirs(requests.RequestException):
    """The provider told about another person than the token is of."""

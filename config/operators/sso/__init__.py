"""Single sign-on: operators log in at a provider that speaks OpenID Connect, if one is set.

The flow is mozilla-django-oidc's: a code with PKCE, state and nonce. Ours are what it leaves open:
the discovery document, the audience and issuer of a token, who the operator is, and their role.
"""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest

#: In AUTHENTICATION_BACKENDS; a session remembers by which of them it began.
BACKEND = "config.operators.sso.backend.Backend"


def is_by_sso(request: HttpRequest) -> bool:
    """Return whether the operator of this session logged in at the provider."""
    return bool(settings.OIDC_ISSUER) and request.session.get(BACKEND_SESSION_KEY) == BACKEND

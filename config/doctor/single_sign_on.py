"""The provider of single sign-on."""

from collections.abc import Iterator

from django.conf import settings

from config.doctor.finding import Finding, ok, warning
from config.operators.sso import provider


def check_provider() -> Iterator[Finding]:
    """Nothing where there is none. Posts go out without it, so this is never a problem."""
    if not settings.OIDC_ISSUER:
        return
    try:
        provider.document()
    except provider.Away as why:
        said = f"Operators cannot log in by it: {why}"
        remedy = "Look at OIDC_ISSUER, and at the provider. Superusers: /admin/login/?by=password."
        yield warning("single sign-on", said, remedy)
    else:
        yield ok("single sign-on", "the provider answers")

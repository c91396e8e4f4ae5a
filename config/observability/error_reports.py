"""Errors, sent to Sentry or what speaks its protocol, where SENTRY_DSN is set.

Reports hold no bodies, cookies, queries or local variables, and are redacted like logs.
requirements-telemetry.txt has the package.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.observability import redaction


def start(dsn: str, **options: Any) -> None:
    """Begin to send errors, if there is an address; `options` are more of Sentry's.

    Raises ImproperlyConfigured without the package.
    """
    if not dsn:
        return
    try:
        import sentry_sdk
    except ImportError as missing:
        said = "SENTRY_DSN is set: install requirements-telemetry.txt for it."
        raise ImproperlyConfigured(said) from missing
    sentry_sdk.init(
        dsn,
        release=f"dovecote@{settings.VERSION}",
        environment=settings.SENTRY_ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_redacted,
        before_breadcrumb=_redacted,
        **options,
    )


def _redacted(report: Any, hint: Any) -> Any:
    if request := report.get("request"):
        for name in ("query_string", "cookies", "data", "env"):
            request.pop(name, None)
        request["url"] = str(request.get("url", "")).partition("?")[0]
    return redaction.value(report)

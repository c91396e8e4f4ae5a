"""An answer that refuses, as an exception."""

import json
from typing import Any

import httpx

from dovecote._api_error import ApiError
from dovecote._generated.errors import BY_CODE

#: What proxies answer while the server behind them is away.
TRANSIENT = (429, 502, 503, 504)


def error_of(response: httpx.Response) -> ApiError:
    """Never fails: what is no answer of the API's, such as a proxy's page, is told as such."""
    body = _body(response)
    error = body.get("error")
    wait = retry_after(response)
    if not isinstance(error, dict):
        told = f"{response.status_code} {response.reason_phrase} from {response.url.host}"
        retryable = response.status_code in TRANSIENT
        return ApiError(response.status_code, "", told, retryable=retryable, retry_after=wait)
    code = str(error.get("code", ""))
    meta = body.get("meta")
    return BY_CODE.get(code, ApiError)(
        response.status_code,
        code,
        str(error.get("message", "")),
        details=error.get("details"),
        retryable=bool(error.get("retryable")),
        request_id=str(meta.get("request_id", "")) if isinstance(meta, dict) else "",
        retry_after=wait,
    )


def has_data(response: httpx.Response) -> bool:
    """Return whether it answers the call: also by 422, of many posts of which none was accepted."""
    if response.is_success:
        return True
    body = _body(response)
    return body.get("data") is not None and body.get("error") is None


def retry_after(response: httpx.Response) -> float | None:
    """Seconds, of `Retry-After`; its form with a date is not used by the API."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}

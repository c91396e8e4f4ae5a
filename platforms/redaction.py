"""What may be shown of an answer: the text without its credentials."""

import re
from collections.abc import Iterable

#: Credentials as they appear in URLs, forms and JSON of any network.
SECRET_FIELDS = re.compile(
    r'((?:(?:access_token|refresh_token|client_secret|appsecret_proof|upload_token|upload_id)"?'
    # `"code": "…"` in JSON is an error's name, which operators need; `code=…` is a secret.
    r'\s*[=:]\s*"?)|\bcode=)[^"&\s,}]+',
    re.IGNORECASE,
)
BEARER = re.compile(r"((?:Bearer|OAuth|Basic)\s+)[A-Za-z0-9._~+/=|-]+", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without anything that looks like one."""
    for secret in secrets:
        text = text.replace(secret, "[redacted]")
    return BEARER.sub(r"\1[redacted]", SECRET_FIELDS.sub(r"\1[redacted]", text))

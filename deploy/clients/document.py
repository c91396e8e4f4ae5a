"""The OpenAPI document of this working copy, as the clients are generated from it."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The clients speak the documented mount, not the one for clients of the original service.
URLCONF = "config.mounts.reference"
#: Clients are told where their server is; this address only stands in the document.
PUBLIC_URL = "https://dovecote.example"


def write(file: Path) -> None:
    """Write the document as JSON. Raises CalledProcessError, after Django has said why."""
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-W", "ignore::RuntimeWarning", str(ROOT / "manage.py")),
            *("spectacular", "--format", "openapi-json", "--urlconf", URLCONF),
            *("--validate", "--fail-on-warn", "--file", str(file)),
        ],
        cwd=ROOT,
        env={**os.environ, **_settings()},
        check=True,
    )


def _settings() -> dict[str, str]:
    """What settings must have. No server answers there: the document is made from code alone."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": "postgres://unused@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PUBLIC_URL": PUBLIC_URL,
        "ALLOWED_HOSTS": "dovecote.example",
    }

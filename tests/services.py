"""Real servers for the tests, started before Django reads its settings (a pytest plugin)."""

import os
from pathlib import Path

from config import embedded

HOME = Path(__file__).resolve().parent.parent / ".dovecote" / "test"

os.environ["DOVECOTE_HOME"] = str(HOME)
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("CREDENTIAL_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("DEBUG", "true")
embedded.start(HOME)
# WhiteNoise warns of a missing folder, and warnings are errors.
(HOME / "static").mkdir(exist_ok=True)

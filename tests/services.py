"""Real servers for the tests, started before Django reads its settings (a pytest plugin).

They end with pytest, however it ends. Under xdist the controller starts them, its workers inherit
their addresses, and each worker has a database and a Redis number of its own.
"""

import compileall
import os
import re
import threading
from pathlib import Path

from deploy.local import embedded
from deploy.local import home as homes
from tests import migrated

BESIDE = Path(__file__).resolve().parent.parent / ".dovecote"


def _start() -> None:
    """Use the first home that no other run of the tests is using."""
    for number in range(1, 100):
        home = BESIDE / f"test-{number}"
        os.environ["DOVECOTE_HOME"] = str(home)
        try:
            return embedded.start(home)
        except homes.HomeInUse:
            continue
    raise RuntimeError(f"Every test home in {BESIDE} is in use.")


os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("CREDENTIAL_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("DEBUG", "true")
# Tests call as fast as they can; those of the limits set their own.
os.environ.setdefault("RATE_LIMIT_REQUESTS", "none")
os.environ.setdefault("RATE_LIMIT_POSTS", "none")
os.environ.setdefault("RATE_LIMIT_AI", "none")
# They change keys between two calls.
os.environ.setdefault("KEY_CACHE_SECONDS", "0")
# Tests tell sessions apart; none is replaced because it has become old meanwhile.
os.environ.setdefault("DATABASE_CONN_MAX_AGE_SECONDS", "86400")
# Workers of xdist must collect the same tests in the same order, also those made from sets.
os.environ.setdefault("PYTHONHASHSEED", "0")
worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
if worker is None:
    _start()
else:
    number = int(worker[1]) + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"

# WhiteNoise warns of a missing folder, and warnings are errors.
(Path(os.environ["DOVECOTE_HOME"]) / "static").mkdir(exist_ok=True)


def pytest_xdist_setupnodes() -> None:
    """Compile once what each worker would compile, and make their database while they collect."""
    for folder in ("deploy", *migrated.FOLDERS):
        compileall.compile_dir(migrated.ROOT / folder, quiet=2, workers=0)
    threading.Thread(target=migrated.template, daemon=True).start()

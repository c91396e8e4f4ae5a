"""Upgrade from the last release and compare the books: `python -m tests.upgrade`.

Without `--form` every form is played, at the same time. Ends with 1 if anything was public twice,
lost, or told wrongly, or if a form broke off.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-upgrades")
os.environ.setdefault("CREDENTIAL_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# The stack's own servers are told to its processes; this one only reads settings.
os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = "postgres://none", "redis://none"

import django  # noqa: E402

django.setup()

from platforms.registry import ADAPTERS  # noqa: E402
from tests.acceptance.stack import ROOT, Code, dying_with_us  # noqa: E402
from tests.chaos.books import HARM, Verdict  # noqa: E402
from tests.chaos.ground import ground  # noqa: E402
from tests.chaos.scenario import Scenario  # noqa: E402
from tests.upgrade import release, rolling, stopped  # noqa: E402
from tests.upgrade.cases import Cases  # noqa: E402

FORMS = {"stop": stopped.play, "rolling": rolling.play}
#: Longer than the upgrade takes, so that messages of the old version are still good; else short.
ENV = {"LEASE_SECONDS": "30"}
#: Accounts per network: one for each case that needs its own.
ACCOUNTS = 14
SETTLE_SECONDS = 1200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade")
    parser.add_argument("--form", choices=list(FORMS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.form:
        return _play(chosen.form, chosen.seed)
    release.code(release.last())
    began = time.monotonic()
    command = [*dying_with_us(), sys.executable, "-m", "tests.upgrade", "--seed", str(chosen.seed)]
    running = {
        form: subprocess.Popen(
            [*command, "--form", form], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for form in FORMS
    }
    for form, process in running.items():
        said, _ = process.communicate()
        print(f"--- {form}\n{said.decode()[-12000:].rstrip()}")
    print(f"Took {time.monotonic() - began:.0f} s beside the installation of the release.")
    return max(process.returncode != 0 for process in running.values())


def _play(form: str, seed: int) -> int:
    last = release.last()
    old = release.code(last)
    scenario = Scenario(
        f"upgrade-{form}",
        "",
        lambda ground: None,
        networks=tuple(key for key in ADAPTERS if (old.root / "platforms" / key).is_dir()),
        settle_seconds=SETTLE_SECONDS,
        has_kinds=False,
    )
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="upgrade-") as home,
        ground(Path(home), scenario, ACCOUNTS, seed, ENV, old) as field,
    ):
        cases = Cases(field)

        def say(text: str) -> None:
            print(f"{form}, {time.monotonic() - began:.0f} s: {text}", flush=True)

        say("started")
        FORMS[form](cases, Code(), say)
        found = cases.verdicts()
        contradictions = field.contradictions()
        say(f"upgraded from {last.version}")
    return _report({**found, "the database": contradictions})


def _report(found: dict[str, list[Verdict]]) -> int:
    for name, verdicts in found.items():
        words = Counter(verdict.word for verdict in verdicts)
        print(f"  {name:<32} {', '.join(f'{n} {word}' for word, n in words.items()) or '-'}")
    every = [verdict for verdicts in found.values() for verdict in verdicts]
    harm = [verdict for verdict in every if verdict.word in HARM]
    for verdict in harm:
        print(f"HARM, {verdict.word}: {verdict.detail}")
    counted = Counter(verdict.word for verdict in every)
    print("  " + ", ".join(f"{counted[word]} {word}" for word in HARM) + f" of {len(every)}")
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())

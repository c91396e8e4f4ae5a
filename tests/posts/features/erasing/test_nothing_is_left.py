"""Nothing is left of what was erased, and nothing of others is touched."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from destinations.accounts import encryption
from destinations.accounts.tokens import lost, newest
from destinations.models import Account, Outage, OutcomeCount, Pause
from destinations.runtime import clock
from destinations.runtime.redis_client import client
from destinations.runtime.replica import lag
from platforms.oauth import Tokens
from posts.features.erasing import erase, tables
from posts.keys import near_limits, rate_limits
from posts.media import delete, storage
from posts.models import Media, StoredFile
from posts.rate_windows import parse
from tests.posts.features.erasing.filling import Filled, every_table, redis_with, rows_with

pytestmark = pytest.mark.django_db(transaction=True)
#: Tables that lead to no workspace, and why nothing of a customer is left in them.
ELSEWHERE = {
    "auth_group": "operators",
    "auth_group_permissions": "operators",
    "auth_permission": "operators",
    "auth_user": "operators",
    "auth_user_groups": "operators",
    "auth_user_user_permissions": "operators",
    "axes_accessattempt": "operators",
    "axes_accessattemptexpiration": "operators",
    "axes_accessfailurelog": "operators",
    "axes_accesslog": "operators",
    "config_identity": "operators",
    "config_incident": "erased by its cause and by names: traces.of_accounts",
    "destinations_busyworker": "processes",
    "destinations_claimcounter": "one row of counts",
    "destinations_durationhistogram": "counts of networks",
    "destinations_heartbeat": "one row",
    "destinations_outage": "erased by its target: traces.of_accounts",
    "destinations_outcomecount": "counts of networks; numbers are replaced: traces.of_accounts",
    "destinations_pause": "erased by its target: traces",
    "destinations_server": "servers; `servers.py` deletes those without accounts",
    "destinations_statisticsprogress": "one row",
    "django_admin_log": "erased with the rows that it is about: rows.forget_log",
    "django_content_type": "names of tables",
    "django_migrations": "names of migrations",
    "django_session": "operators",
    "otp_static_staticdevice": "operators",
    "otp_static_statictoken": "operators",
    "otp_totp_totpdevice": "operators",
    "posts_engagementprogress": "one row",
    "posts_erasure": "the record of erasures, without names",
    "posts_oauthclient": "programs; erased with their last grant: traces.of_programs",
    "posts_storedfile": "for a day, then deleted with bytes that came late",
    "posts_webhooktotal": "counts",
}
#: What is found of an erased workspace or account nevertheless, until a day later.
FOR_A_DAY = {"posts_erasure", "posts_storedfile"}


@pytest.fixture
def stranger() -> Filled:
    return Filled(8880082)


@pytest.fixture
def mine(stranger) -> Filled:
    return Filled(7770071)


def fill_traces(filled: Filled) -> None:
    """What names it in Redis, on the disk and where no foreign key leads."""
    now, number = clock.now(), filled.number
    account, workspace = filled.account, filled.workspace
    named = ("workspace", workspace.pk, filled.mark), ("account", number, filled.account_mark)
    for scope, target, name in named:
        Pause.objects.create(
            scope=scope,
            target=str(target),
            name=name,
            paused_at=now,
            resumed_at=now,
        )
    outage = {"platform": "x", "name": filled.account_mark, "opened_at": now, "probe_at": now}
    Outage.objects.create(scope="account", target=str(number), **outage)
    OutcomeCount.objects.create(
        platform="x",
        kind="published",
        code=filled.account_mark[-3:],
        count=1,
        lowest_account=number,
        highest_account=number,
    )
    incident = {"level": "problem", "opened_at": now, "seen_at": now}
    incidents = apps.get_model("config.Incident").objects
    incidents.create(cause=f"outages:account:{number}", said=filled.account_mark, **incident)
    media = filled.made[Media]
    assert isinstance(media, Media)
    for name in ("one.png", "two.png"):
        key = f"{workspace.pk.hex}/{media.pk.hex}/{name}"
        storage.watch(media, default_storage.save(key, ContentFile(filled.mark.encode())))
    newest.keep(number, encryption.credentials(account), Tokens(f"new-{filled.mark}", "refresh"))
    client(django_settings.REDIS_URL).set(lost.KEY, f'["{now.isoformat()}", [{number}, 5]]', ex=99)
    key = next(row for model, row in filled.made.items() if model.__name__ == "ApiKey")
    rate_limits.take(key, {"requests": 1}, {"requests": parse("9/min")})
    rate_limits.take_of(str(workspace.pk), "webhook_tests", parse("9/min"))
    near_limits.notes._write({str(key.pk): now.timestamp()}, near_limits.Counter([str(key.pk)]))
    client(django_settings.REDIS_URL).set(f"{lag.KEY}workspace:{workspace.pk}", "1", ex=99)


def keys_of(filled: Filled) -> str:
    """A regular expression for everything that names it: marks, ids and numbers."""
    ids = [str(row.pk) for row in filled.made.values() if len(str(row.pk)) > 30]
    return "|".join(
        [filled.mark, filled.account_mark, rf"\y{filled.number}\y", *ids, *hexes(filled)]
    )


def hexes(filled: Filled) -> list[str]:
    return [filled.workspace.pk.hex]


def files_of(filled: Filled) -> list[Path]:
    found = Path(django_settings.MEDIA_ROOT).rglob("*")
    return [path for path in found if filled.workspace.pk.hex in str(path) and path.is_file()]


def test_every_table_leads_to_a_workspace_or_is_named_here():
    known = {model._meta.db_table for model in tables.lookups()}
    known |= {"posts_workspace"}

    found = set(every_table()) - {t for t in every_table() if t.startswith("django_celery_beat")}

    assert found - known == ELSEWHERE.keys()


def test_nothing_is_left_of_a_workspace(mine, stranger):
    fill_traces(stranger)
    fill_traces(mine)
    theirs = rows_with(keys_of(stranger))
    their_keys = redis_with(keys_of(stranger).replace("\\y", "\\b"))
    tables_of_mine = rows_with(keys_of(mine)).keys()
    assert {model._meta.db_table for model in tables.lookups()} <= tables_of_mine
    assert len(files_of(mine)) == 2

    erasure = erase.begin(mine.workspace, "operator:ada")
    erase.work(erasure)

    assert erasure.ended_at, erasure.waits_for
    left = rows_with(keys_of(mine))
    assert left.keys() - FOR_A_DAY == set(), left
    assert redis_with(keys_of(mine).replace("\\y", "\\b")) == []
    assert files_of(mine) == []
    assert rows_with(keys_of(stranger)) == theirs
    assert redis_with(keys_of(stranger).replace("\\y", "\\b")) == their_keys
    assert len(files_of(stranger)) == 2


def test_names_of_files_are_forgotten_a_day_later(mine):
    fill_traces(mine)
    erase.work(erase.begin(mine.workspace, "operator:ada"))
    StoredFile.objects.update(at=clock.now() - delete.BYTES_AGE * 2)

    delete.clean()

    assert rows_with(keys_of(mine)).keys() == {"posts_erasure"}


def test_nothing_is_left_of_an_account(mine, stranger):
    fill_traces(stranger)
    fill_traces(mine)
    theirs = rows_with(keys_of(stranger))
    account = rf"{mine.account_mark}|\y{mine.number}\y"
    assert len(rows_with(account)) > 20

    erasure = erase.begin(mine.account, "operator:ada")
    erase.work(erasure)

    assert erasure.ended_at, erasure.waits_for
    assert rows_with(account).keys() == {"posts_erasure"}
    assert redis_with(account.replace("\\y", "\\b")) == []
    assert not Account.objects.filter(pk=mine.number).exists()
    assert rows_with(keys_of(stranger)) == theirs
    assert len(files_of(mine)) == 2

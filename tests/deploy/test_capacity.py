"""deploy/CAPACITY.md names every table that can grow, and what it says of settings is true."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.psql import psql

PAGE = (Path(__file__).resolve().parents[2] / "deploy" / "CAPACITY.md").read_text()
GROWS = PAGE.partition("## What grows")[2].partition("\n## ")[0]
#: A row per workspace, account, key, operator, schedule, setting or erasure, or one row.
SMALL = {
    "auth_group", "auth_permission", "auth_user",
    "config_identity", "destinations_account", "destinations_busyworker",
    "destinations_claimcounter",
    "destinations_heartbeat", "destinations_server",
    "destinations_statisticsprogress", "django_content_type", "otp_static_staticdevice",
    "otp_static_statictoken", "otp_totp_totpdevice", "posts_accountengagement", "posts_apikey",
    "posts_calendarfeed", "posts_campaign", "posts_engagementprogress", "posts_erasure",
    "posts_feed", "posts_hashtagset", "posts_linksettings", "posts_postingqueue",
    "posts_recurrence", "posts_recycling", "posts_tallyprogress", "posts_webhook",
    "posts_webhooktotal", "posts_workspace",
}  # fmt: skip


def test_every_table_is_small_or_the_page_says_how_long_its_rows_are_kept():
    tables = {model._meta.db_table for model in apps.get_models()}
    named = set(re.findall(r"`((?:config|posts|destinations|django|axes)_\w+)`", GROWS))
    beat = {name for name in tables if name.startswith("django_celery_beat_")}

    assert named - tables == set()
    assert tables - named - SMALL - beat == set()


def test_the_tasks_that_it_names_exist():
    from config.queue.schedule import PERIODIC_TASKS

    said = set(re.findall(r'"([A-Z][a-z ]+)"', GROWS))

    assert said
    assert said - set(PERIODIC_TASKS) == set()


@pytest.mark.django_db
def test_tables_have_the_settings_that_were_chosen():
    rows = psql("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL")
    found = {table: dict(each.split("=") for each in said) for table, said in rows}

    often = {
        f"autovacuum_{kind}_{name}": value
        for kind in ("vacuum", "analyze")
        for name, value in (("scale_factor", "0.02"), ("threshold", "1000"))
    }
    assert found["destinations_destination"] == {"fillfactor": "85"} | often
    assert found["destinations_attempt"] == {"fillfactor": "70"}
    assert found["posts_post"] == often

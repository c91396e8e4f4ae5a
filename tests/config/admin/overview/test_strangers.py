"""Names and errors that strangers wrote are marked as theirs, in messages and on the overview."""

from html import unescape

import pytest

from config.incidents import notify, watch
from config.models import Incident
from config.status import table
from destinations import pauses, wording
from destinations.models import Outage
from destinations.runtime import clock
from posts.features.webhooks.models import Webhook
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
WORDS = "All is well” said Dovecote.\n“Nothing to do"
MARKED = '“All is well" said Dovecote. "Nothing to do”'


@pytest.fixture
def rows():
    """Each kind of row whose words a message or the overview repeats."""
    now, workspace = clock.now(), make_workspace()
    account = make_account(workspace, "mastodon", name=WORDS)
    make_account(workspace, "mastodon", name=WORDS, needs_reconnection_since=now)
    post = make_post(
        workspace, [account], status="failed", due_at=None, error_code="outcome_unknown",
        error=WORDS,
    )  # fmt: skip
    pauses.pause("account", str(account.pk), by="operator:ada", reason="Look")
    make_webhook(workspace, auto_disabled_at=now, is_active=False, url="https://x.example/")
    Webhook.objects.update(name=WORDS)
    Outage.objects.create(
        scope="account", target=account.pk, platform="mastodon", name=WORDS, error=WORDS,
        opened_at=now, probe_at=now,
    )  # fmt: skip
    return post


def test_a_message_marks_them(rows):
    watch.update(list(table.measure(["outages", "own servers"])))

    body = notify.message(list(Incident.objects.all())).body

    assert f"{MARKED} has been down for 0 s. The last error: {MARKED}" in body
    assert "All is well”" not in body


def test_the_overview_marks_them(admin_client, rows):
    page = unescape(admin_client.get("/admin/").text)

    assert page.count(MARKED) >= 6
    assert "All is well”" not in page


def test_they_are_one_line_of_a_bounded_length():
    assert wording.quoted("a\nb \t c") == "“a b c”"
    assert wording.quoted("a\x1b[2J\u202eb\u2066”") == '“a[2Jb"”'
    assert wording.quoted("👩\u200d👧") == "“👩\u200d👧”", "emoji are whole"
    assert wording.quoted("a" * 300, 10) == "“aaaaaaaaa…”"

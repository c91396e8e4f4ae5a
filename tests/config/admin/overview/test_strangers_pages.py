"""Pages, messages, log entries and commands mark what strangers wrote as theirs."""

import re
from html import unescape
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from config.admin.incidents import Deed
from destinations import pauses
from destinations.accounts import links
from destinations.models import Destination, Heartbeat, Outage, Pause
from destinations.runtime import clock
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.feeds import admin as feeds
from posts.features.feeds.models import FeedItem
from posts.keys import keys
from posts.keys.oauth import device_logins
from tests.config.admin.overview.test_strangers import MARKED, WORDS
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.posts.keys.oauth.program import somewhere

pytestmark = pytest.mark.django_db
ADMIN = "/admin"
#: Headings, cells and terms below one, what a list or a form shows as a value, and previews.
PLAIN = (
    r"<(h[1-6]|title|th|td|dd|option|textarea|script|style)\b.*?</\1>"
    r'|<div class="breadcrumbs.*?</div>|<article class="dovecote-feed.*?</article>|value="[^"]*"'
)


@pytest.fixture
def given():
    """A workspace, an account, a post and more, all of them named by a stranger."""
    now, workspace = clock.now(), make_workspace(WORDS)
    account = make_account(workspace, "mastodon", name=WORDS)
    failed = {"status": "failed", "due_at": None}
    doubtful, failing = (
        make_post(workspace, [account], error_code=code, error=WORDS, **failed)
        for code in ("outcome_unknown", "platform_unavailable")
    )
    waiting = make_post(workspace, [account], wanted_at=now, due_at=now)
    Destination.objects.update(account_name=WORDS)
    webhook = make_webhook(workspace, url="https://x.example/")
    type(webhook).objects.update(name=WORDS)
    return {
        "workspace": workspace, "account": account, "doubtful": doubtful, "failed": failing,
        "waiting": waiting, "webhook": webhook, "key": keys.create(workspace, WORDS, ["read"])[0],
    }  # fmt: skip


def sentences(answer) -> str:
    """Return a page without what stands alone on it."""
    assert answer.status_code == 200
    return unescape(re.sub(PLAIN, "", answer.text, flags=re.DOTALL))


def is_marked(said: str) -> None:
    # An account's network stands in the same marks in a pause's name.
    assert MARKED[:-1] in said
    assert "All is well”" not in said


def act(client, model: str, action: str, *rows, **fields):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return client.post(f"{ADMIN}/{model}/", chosen, follow=True)


def of_post(given, name: str) -> Destination:
    return given[name].destinations.get()


def paused(given, scope: str = "account") -> Pause:
    return pauses.pause(scope, str(given[scope].pk), by="operator:ada", reason="Look")


@pytest.mark.parametrize("scope", ["workspace", "account"])
def test_pauses(admin_client, given, scope):
    new = f"{ADMIN}/destinations/pause/new/?scope={scope}&target={given[scope].pk}"
    is_marked(sentences(admin_client.get(new)))
    is_marked(sentences(admin_client.post(new, {"reason": "Look"}, follow=True)))
    made = Pause.objects.get()
    is_marked(sentences(admin_client.get(new, follow=True)))
    end = f"{ADMIN}/destinations/pause/{made.pk}/resume/"
    is_marked(sentences(admin_client.get(end)))
    is_marked(sentences(admin_client.post(end, follow=True)))
    is_marked(sentences(admin_client.get(end, follow=True)))
    for entry in LogEntry.objects.all():
        is_marked(entry.change_message)


def test_a_pause_that_holds_what_is_retried(admin_client, given):
    paused(given)
    row = of_post(given, "failed")

    is_marked(sentences(admin_client.get(f"{ADMIN}/destinations/destination/{row.pk}/change/")))
    shown = act(admin_client, "destinations/destination", "retry", row).context["rows"][0]
    is_marked(dict(shown.facts)["Waits"])


def test_what_a_retry_leaves_as_it_is(admin_client, given):
    given["account"].needs_reconnection_since = clock.now()
    given["account"].save()
    rows = [of_post(given, "failed"), of_post(given, "doubtful")]

    is_marked(sentences(act(admin_client, "destinations/destination", "retry", *rows)))


@pytest.mark.parametrize("name", ["doubtful", "failed", "waiting"])
def test_the_story_of_a_post(admin_client, given, name):
    row = of_post(given, name)
    Outage.objects.create(
        scope="account", target=given["account"].pk, platform="mastodon", name=WORDS,
        error="503.", opened_at=clock.now(), probe_at=clock.now(),
    )  # fmt: skip

    is_marked(sentences(admin_client.get(f"{ADMIN}/destinations/destination/{row.pk}/change/")))
    is_marked(sentences(admin_client.get(f"{ADMIN}/posts/post/{given[name].pk}/change/")))


def test_what_may_be_public(admin_client, given):
    shown = act(
        admin_client, "destinations/destination", "mark_not_published", of_post(given, "doubtful")
    )

    assert shown.context["rows"][0].text.count(MARKED) == 2


@pytest.mark.parametrize("scope", ["workspace", "account"])
def test_erasing(admin_client, given, scope):
    row = given[scope]
    page = f"{ADMIN}/posts/erasure/{scope}/{row.pk}/erase/"
    is_marked(sentences(admin_client.get(page)))
    is_marked(sentences(admin_client.post(page, {"confirmation": "All"})))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(f"erase_{scope}", str(row.pk), stdout=out)
    assert out.getvalue().startswith('To be erased: “All is well" said')

    done = admin_client.post(page, {"confirmation": MARKED[1:-1]}, follow=True)

    assert "Erased" in done.text or "Closed" in done.text


def test_operations_and_their_log(admin_client, given):
    post = make_post(given["workspace"], [given["account"]])
    Destination.objects.update(account_name=WORDS)
    type(post).objects.filter(pk=post.pk).update(content=WORDS)
    shown = act(admin_client, "posts/post", "cancel", post)
    is_marked(dict(shown.context["rows"][0].facts)["Goes to"])
    seen = shown.context["rows"][0].seen
    act(admin_client, "posts/post", "cancel", post, confirmed="yes", seen=seen)

    [entry] = LogEntry.objects.all()
    assert entry.change_message.count(MARKED) == 2


def test_approvals(admin_client, given):
    post = given["waiting"]
    Approval.objects.create(post=post, workspace=given["workspace"], status="pending")
    for action in ("commented", "link_created"):
        ApprovalEvent.objects.create(
            post=post, at=clock.now(), action=action, by="link:1", name=WORDS, text=WORDS
        )

    page = unescape(admin_client.get(f"{ADMIN}/posts/post/{post.pk}/change/").text)

    assert f"{MARKED}, by a share link" in page
    assert f"For {MARKED}" in page


def test_webhooks_keys_and_feeds(admin_client, given):
    asked = act(admin_client, "posts/webhook", "rotate", given["webhook"])
    is_marked(asked.context["rows"][0].text)
    is_marked(act(admin_client, "posts/apikey", "revoke", given["key"]).context["rows"][0].text)
    is_marked(unescape(feeds._line(FeedItem(title=WORDS, state="posted"))))


def test_programs_that_ask_for_a_key(admin_client):
    started = device_logins.start(WORDS, somewhere())

    page = admin_client.get(f"{ADMIN}/device/?user_code={device_logins.shown(started.user_code)}")

    is_marked(sentences(page))


def test_owners_who_connect_an_account(client, given):
    _, url = links.create_link(given["workspace"].pk, "mastodon", by="key:a")

    is_marked(sentences(client.get(url[url.index("/connect/") :])))


def test_wrong_passwords(admin_client):
    attempt = AccessAttempt.objects.create(username=WORDS, failures_since_start=9)

    act(admin_client, "axes/accessattempt", "forgive", attempt)

    is_marked(LogEntry.objects.get().change_message)


def test_what_operators_did_during_an_incident(given):
    entry = LogEntry(user=User(), object_repr=WORDS, action_time=clock.now())

    is_marked(str(Deed(entry, 1)))


@pytest.mark.parametrize("scope", ["workspace", "account"])
def test_commands(given, scope):
    def said(*command: str, **options: str) -> str:
        out = StringIO()
        call_command(*command, stdout=out, **options)
        return out.getvalue()

    target = scope, str(given[scope].pk)
    is_marked(said("pause", *target, reason="Look"))
    is_marked(said("pause"))
    with pytest.raises(CommandError) as refused:
        said("pause", *target, reason="Look")
    is_marked(str(refused.value))
    is_marked(said("database_restored"))
    pauses.resume(Pause.objects.get(scope="installation").pk, by="operator:ada")
    is_marked(said("resume", *target))


def test_restores(given):
    restored = {"at": clock.now(), "restored_at": clock.now()}
    Heartbeat.objects.update_or_create(pk=1, defaults=restored)
    pauses.pause("installation", by="operator:ada", reason="Restored")

    with pytest.raises(CommandError) as refused:
        call_command("resume", "installation")

    is_marked(str(refused.value))

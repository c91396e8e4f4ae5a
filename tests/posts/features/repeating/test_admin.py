"""The pages of rules and of recycled posts."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from config.operators import roles
from posts.features.repeating import materialise
from posts.features.repeating.models import Recycling
from posts.models import Post
from tests.factories import make_account
from tests.posts.features.repeating.conftest import DAY, begin, posts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", 5 * DAY)


@pytest.fixture
def rule(ada):
    return begin(ada, make_account(ada.workspace))


def press(client, model: str, action: str, key: object):
    path = reverse(f"admin:posts_{model}_changelist")
    return client.post(path, {"action": action, "_selected_action": [str(key)]}, follow=True)


def test_the_list_and_the_page_show_the_rule_its_occurrences_and_what_is_wrong(admin_client, rule):
    rule.refresh_from_db()
    rule.problem_code, rule.problem = "invalid_media", "A file is gone."
    rule.save()

    listed = admin_client.get(reverse("admin:posts_recurrence_changelist")).content.decode()
    page = admin_client.get(
        reverse("admin:posts_recurrence_change", args=[rule.pk])
    ).content.decode()

    assert "Failing" in listed
    assert "every day at" in listed
    assert "A file is gone." in page
    assert reverse("admin:posts_post_change", args=[posts(rule)[0].pk]) in page
    assert ": planned" in page


def test_a_rule_is_paused_and_resumed(admin_client, rule):
    press(admin_client, "recurrence", "pause", rule.pk)
    rule.refresh_from_db()
    assert rule.paused_by == "operator:admin"
    assert posts(rule) == []

    press(admin_client, "recurrence", "resume", rule.pk)
    rule.refresh_from_db()
    assert rule.paused_at is None
    assert posts(rule)


def test_a_recycling_is_shown_and_ended(admin_client, ada, account):
    wanted = {"gap": 2, "gap_unit": "week"}
    ada.post("/posts", {"content": "Green", "account_ids": [account.pk], "recycling": wanted})
    row = Recycling.objects.get()

    page = admin_client.get(reverse("admin:posts_recycling_change", args=[row.pk])).content.decode()
    listed = admin_client.get(reverse("admin:posts_recycling_changelist")).content.decode()
    press(admin_client, "recycling", "end", row.pk)

    assert "2 weeks" in page
    assert "Green" in listed
    row.refresh_from_db()
    assert not row.enabled


@pytest.mark.parametrize(("role", "may"), [(roles.VIEWER, False), (roles.ON_CALL, True)])
def test_only_those_on_call_pause(client, rule, role, may):
    user = get_user_model().objects.create_user("eve", password="long enough for all")
    roles.give(user, role)
    client.force_login(user)

    press(client, "recurrence", "pause", rule.pk)

    rule.refresh_from_db()
    assert (rule.paused_at is not None) is may
    assert Post.objects.exists() is not may

"""Approval of the posts that a rule makes: a decision is no edit of one."""

import pytest

from posts.features.repeating import materialise
from tests.posts.features.approval.conftest import due, state
from tests.posts.features.approval.decide_steps import approve, decide
from tests.posts.features.repeating.conftest import DAY, begin, posts


@pytest.fixture(autouse=True)
def _ten_days(monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", 10 * DAY)


def test_a_rule_changes_its_approved_posts_which_wait_again(ada, account, required):
    row = begin(ada, account)
    approved, edited = posts(row)[:2]
    approve(approved)
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})
    approve(edited)
    assert due(approved) is not None
    coming = ada.get(f"/recurrences/{row.pk}").json()["data"]["next_occurrences"]
    assert [each["edited"] for each in coming[:2]] == [False, True]

    ada.patch(f"/recurrences/{row.pk}", {"content": "New"})

    assert [each.content for each in posts(row)[:2]] == ["New", "Mine"]
    assert (state(approved), due(approved)) == (("scheduled", "pending"), None)
    assert state(edited)[1] == "approved"


@pytest.mark.parametrize("action", ["changes_requested", "rejected"])
def test_a_rule_that_is_paused_takes_back_what_was_refused(ada, account, required, action):
    row = begin(ada, account)
    refused = posts(row)[0]
    approve(refused)
    decide(refused, action, comment="No")

    ada.post(f"/recurrences/{row.pk}/pause")

    assert refused.pk not in {each.pk for each in posts(row)}

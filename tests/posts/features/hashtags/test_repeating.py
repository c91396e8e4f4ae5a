"""Posts that come again keep their sets."""

from posts.features.repeating import materialise
from posts.features.repeating.models import Recurrence
from tests.posts.features.hashtags.hashtag_factories import make_set, set_defaults, texts
from tests.posts.features.repeating.conftest import DAY, begin, posts
from tests.posts.features.repeating.test_recycling import look, made, recycled

TAGGED = "Again\n\n#spring #garden"


def sent(row: Recurrence) -> list[str]:
    return [text for post in posts(row) for text in texts(post)]


def three_days(monkeypatch) -> None:
    monkeypatch.setattr(materialise, "AHEAD", 3 * DAY)


def test_each_occurrence_has_them(ada, x, monkeypatch):
    three_days(monkeypatch)

    assert sent(begin(ada, x, hashtag_set_ids=[make_set(ada)])) == [TAGGED] * 3


def test_an_occurrence_takes_a_set_as_it_is_when_it_is_made(ada, x, monkeypatch):
    three_days(monkeypatch)
    key = make_set(ada)
    row = begin(ada, x, make=False, hashtag_set_ids=[key])

    ada.patch(f"/hashtag-sets/{key}", {"hashtags": ["new"]})
    materialise.run()

    assert sent(row) == [TAGGED, "Again\n\n#new", "Again\n\n#new"]


def test_a_set_that_was_deleted_ends_no_rule(ada, x, monkeypatch):
    three_days(monkeypatch)
    key = make_set(ada)
    row = begin(ada, x, make=False, hashtag_set_ids=[key])

    ada.delete(f"/hashtag-sets/{key}")
    materialise.run()

    row.refresh_from_db()
    assert (sent(row), row.problem) == ([TAGGED, "Again", "Again"], "")


def test_a_change_of_the_text_keeps_what_occurrences_took(ada, x, monkeypatch):
    three_days(monkeypatch)
    key = make_set(ada)
    row = begin(ada, x, hashtag_set_ids=[key])
    ada.delete(f"/hashtag-sets/{key}")

    assert ada.patch(f"/recurrences/{row.pk}", {"content": "New"}).status_code == 200

    assert sent(row) == ["New\n\n#spring #garden"] * 3


def test_a_rule_may_get_other_sets(ada, x, monkeypatch):
    three_days(monkeypatch)
    row = begin(ada, x, hashtag_set_ids=[make_set(ada)])

    body = {"hashtag_set_ids": [make_set(ada, "Other", ["other"])]}
    answer = ada.patch(f"/recurrences/{row.pk}", body)
    assert answer.json()["data"]["hashtag_set_ids"] == body["hashtag_set_ids"]
    assert sent(row) == ["Again\n\n#other"] * 3

    ada.patch(f"/recurrences/{row.pk}", {"hashtag_set_ids": []})
    assert sent(row) == ["Again"] * 3


def test_a_turn_of_a_recycled_post_has_them(ada, x):
    recycled(ada, x, hashtag_set_ids=[make_set(ada)])

    assert look() == 1

    assert texts(made()[0]) == ["Evergreen\n\n#spring #garden"]


def test_a_turn_of_a_post_without_defaults_has_none(ada, x):
    set_defaults(ada, hashtags=["loft"])
    recycled(ada, x, use_defaults=False)

    assert look() == 1

    assert texts(made()[0]) == ["Evergreen"]

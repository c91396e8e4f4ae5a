import jsonschema
import pytest

from platforms.errors import Unsupported
from platforms.policy.options import (
    Boolean,
    Choice,
    FlagOrChoice,
    Integer,
    Objects,
    String,
    Strings,
    StringsOrNumbers,
    check_settings,
)

OPTIONS = (
    Boolean("isAd", "Whether it is one."),
    Choice("audience", "Who sees it.", ("everyone", "followers")),
    String("title", "Its title.", max_chars=5),
    Integer("second", "Of the cover.", 0, 60),
    Strings("tags", "Its tags.", max_items=2, max_chars=3),
    StringsOrNumbers("terms", "Its terms.", max_items=2, max_chars=3),
    FlagOrChoice("cover", "Its cover.", ("first", "none")),
    Objects(
        "cards",
        "Its cards.",
        2,
        (String("name", "A name.", 3), Integer("n", "A number.", 0, 9)),
        needs=("name",),
    ),
)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"isAd": True},
        {"isAd": False, "audience": "followers", "title": "Doves"},
        {"second": 0},
        {"second": 60},
        {"tags": []},
        {"tags": ["a", "abc"]},
        {"terms": [3, "abc"]},
        {"terms": []},
        {"cover": True},
        {"cover": "none"},
        {"cards": []},
        {"cards": [{"name": "a"}, {"name": "b", "n": 5}]},
    ],
)
def test_what_fits_passes_here_and_in_the_schema(settings):
    check_settings("X", OPTIONS, settings)

    for option in OPTIONS:
        if option.name in settings:
            jsonschema.validate(settings[option.name], option.schema())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"isAd": "true"}, "isAd must be true or false"),
        ({"isAd": 1}, "isAd must be true or false"),
        ({"audience": "Everyone"}, "audience must be one of everyone, followers"),
        ({"audience": ["everyone"]}, "audience must be one of"),
        ({"title": ""}, "title must be a text of 1 to 5 characters"),
        ({"terms": [1, 2, 3]}, "terms must be a list of up to 2 texts of 1 to 3 characters, or of"),
        ({"terms": [0]}, "or of ids"),
        ({"terms": [True]}, "or of ids"),
        ({"terms": [2**53]}, "or of ids"),
        ({"terms": 3}, "or of ids"),
        ({"cover": 1}, "cover must be true, false or one of first, none"),
        ({"cover": ["none"]}, "cover must be true, false or one of first, none"),
        ({"title": "Pigeon"}, "title must be a text of 1 to 5"),
        ({"title": 5}, "title must be a text"),
        ({"second": 61}, "second must be a whole number from 0 to 60"),
        ({"second": -1}, "second must be a whole number"),
        ({"second": 1.5}, "second must be a whole number"),
        ({"second": True}, "second must be a whole number"),
        ({"second": "1"}, "second must be a whole number"),
        ({"tags": "a"}, "tags must be a list of up to 2 texts of 1 to 3"),
        ({"tags": ["a", "b", "c"]}, "tags must be a list"),
        ({"tags": ["abcd"]}, "tags must be a list"),
        ({"tags": [""]}, "tags must be a list"),
        ({"tags": [1]}, "tags must be a list"),
        ({"cards": {"name": "a"}}, "cards must be a list of up to 2 objects"),
        ({"cards": [{"name": "a"}] * 3}, "cards must be a list of up to 2 objects"),
        ({"cards": ["a"]}, "cards must be a list of up to 2 objects"),
        ({"cards": [{"n": 1}]}, "cards has an object without name"),
        ({"cards": [{"name": "a", "m": 1}]}, "cards has objects with name, n; not with 'm'"),
        ({"cards": [{"name": "a"}, {"name": "b", "n": 10}]}, "cards has a n that must be a whole"),
        ({"cards": [{"name": None}]}, "cards has a name that must be a text"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_here_and_in_the_schema(settings, words):
    with pytest.raises(Unsupported) as refusal:
        check_settings("X", OPTIONS, settings)

    assert words in str(refusal.value)
    [(name, value)] = settings.items()
    [option] = [option for option in OPTIONS if option.name == name]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, option.schema())


@pytest.mark.parametrize(
    ("name", "hint"),
    [("isad", "Do you mean 'isAd'?"), ("title ", "Do you mean 'title'?"), ("zzz", "'zzz'.")],
)
def test_an_unknown_name_is_refused_and_the_nearest_is_named(name, hint):
    with pytest.raises(Unsupported) as refusal:
        check_settings("X", OPTIONS, {name: True})

    assert str(refusal.value).endswith(hint)


def test_a_name_without_end_is_cut():
    with pytest.raises(Unsupported) as refusal:
        check_settings("X", OPTIONS, {"a" * 10_000: True})

    assert len(str(refusal.value)) < 200

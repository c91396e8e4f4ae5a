"""Query parameters that there are not: refused by every call, and nothing is done."""

from collections.abc import Iterator

import pytest
from rest_framework import serializers

from posts.api.serializers.fields import StrictSerializer
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, OPEN, about
from tests.posts.api.walk import stored
from tests.posts.api.walk.judged import every, judged
from tests.posts.conftest import refused

both_mounts = pytest.mark.parametrize("mount", MOUNTS)


@both_mounts
def test_a_query_parameter_that_there_is_not_is_refused_by_every_call(ada, ids, mount):
    caller, before = judged(ada, mount), stored.digest()

    def ask(endpoint):
        body = about(endpoint.body(), ids)
        answer = caller.call(endpoint.method, f"{endpoint.url(ids)}?colour=red", body)
        error = refused(answer, 400, "invalid_field_name")
        assert "'colour'" in error["message"]
        assert error["details"]["field"] == "colour"
        assert stored.digest() == before

    every([*ENDPOINTS, *OPEN], ask)


@both_mounts
def test_calls_that_take_a_query_are_those_that_are_described_with_one(ada, ids, mount):
    caller = judged(ada, mount)

    def ask(endpoint):
        for name in endpoint.query_names():
            answer = caller.get(f"{endpoint.url(ids)}?{name}=")
            assert answer.status_code == 200, name
            list(answer)  # a file is written while it is read

    every([each for each in ENDPOINTS if each.method == "GET"], ask)


def kinds(kind: type[StrictSerializer]) -> Iterator[type[StrictSerializer]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


def test_an_error_of_a_wrong_word_names_those_that_there_are():
    asked = 0
    for kind in kinds(StrictSerializer):
        for name, field in kind().fields.items():
            word = getattr(field, "child", None) or getattr(field, "word", field)
            if isinstance(word, serializers.ChoiceField):
                asked += 1
                with pytest.raises(serializers.ValidationError) as error:
                    word.run_validation("no such word")
                said = str(error.value.detail[0])
                missing = [each for each in word.choices if str(each) not in said]
                assert not missing, (kind, name, said)
    assert asked > 20

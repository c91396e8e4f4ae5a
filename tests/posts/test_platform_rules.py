import jsonschema
import pytest

from platforms.registry import ADAPTERS
from tests.posts.conftest import make_caller, refused


def rules(caller):
    response = caller.get("/platform-rules")
    assert response.status_code == 200
    return response, response.json()["data"]


def test_every_platform_is_described_by_the_numbers_posts_are_checked_by(ada):
    response, data = rules(ada)

    assert set(data) == {"platforms"}
    assert list(data["platforms"]) == list(ADAPTERS)
    for key, told in data["platforms"].items():
        limits = ADAPTERS[key].limits
        assert told["characterLimit"] == limits.text_chars
        assert told["features"] == list(ADAPTERS[key].features)
        assert told["contentTypes"] == list(ADAPTERS[key].post_types)
        assert set(told["mediaByContentType"]) == set(told["contentTypes"])
        for kind, rule in (
            ("image", limits.image),
            ("video", limits.video),
            ("document", limits.document),
        ):
            assert (told["media"][kind] is None) is (rule is None)
            if rule:
                assert told["media"][kind]["maxBytes"] == rule.max_bytes
                assert told["media"][kind]["contentTypes"] == list(rule.content_types)
    assert "max-age=3600" in response["Cache-Control"]


@pytest.mark.parametrize("key", list(ADAPTERS))
def test_the_options_of_a_platform_are_a_json_schema(ada, key):
    _, data = rules(ada)
    schema = data["platforms"][key]["options"]

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"nonsense": 1}, schema)


def test_only_a_key_that_may_read_reads(ada, client):
    writer = make_caller(ada.workspace, "Writer", ("write",))

    refused(writer.get("/platform-rules"), 403, "insufficient_scope")
    refused(client.get("/api/v1/platform-rules"), 401, "unauthorized")

"""Every operation of the compatibility mount answers as its own document says.

What it takes is described as for the reference mount, where all kinds of requests are tried. Here
are few: valid ones, and such as do not fit.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as rules

from config.web.documentation import COMPAT, document
from config.wsgi import application
from tests.posts.api.test_as_described import (
    SHAPE,
    closed,
    one_connection,  # noqa: F401 - a fixture
    with_new_key,
    world,  # noqa: F401 - a fixture
)


def takes_nothing(operation):
    return "requestBody" not in operation and not operation.get("parameters")


def operations(mode: str):
    """Those of the mount, with requests of one mode: positive, or negative."""
    config = {
        "phases": {"coverage": {"enabled": False}, "examples": {"enabled": mode == "positive"}},
        "generation": {
            "deterministic": True,
            "database": "none",
            "mode": mode,
            "with-security-parameters": False,
        },
    }
    described = closed(document(COMPAT))
    if mode == "negative":
        for methods in described["paths"].values():
            for name in [name for name, each in methods.items() if takes_nothing(each)]:
                del methods[name]
    found = schemathesis.openapi.from_dict(described, config=schemathesis.Config.from_dict(config))
    found.app = application
    return found


FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


def ask(case, ada, checks):
    with_new_key(case).call_and_validate(
        headers={"Authorization": f"Bearer {ada.secret}"}, checks=checks
    )


def about_what_there_is(case, world):  # noqa: F811
    case.path_parameters = {name: world[name] for name in case.path_parameters or {}}


@operations("positive").parametrize()
@FEW
def test_every_operation_answers_as_described_about_what_there_is(case, ada, world):  # noqa: F811
    about_what_there_is(case, world)
    ask(case, ada, SHAPE)


@operations("negative").parametrize()
@FEW
def test_every_operation_refuses_what_does_not_fit(case, ada, world):  # noqa: F811
    path = case.meta.components.get(ParameterLocation.PATH)
    if path is None or path.mode.is_positive:
        about_what_there_is(case, world)
    is_empty = "" in (case.query or {}).values()  # an empty value is none
    ask(case, ada, SHAPE if is_empty else [*SHAPE, rules.negative_data_rejection])


@pytest.mark.parametrize("name", ["get_post", "list_posts", "create_post", "get_platform_rules"])
def test_every_success_is_described_with_a_null_error(name):
    answer = "".join(word.title() for word in name.split("_")) + "Answer"
    shape = document(COMPAT)["components"]["schemas"][answer]

    assert shape["required"] == ["data", "error", "meta"]
    assert "error" not in document()["components"]["schemas"][answer]["required"]

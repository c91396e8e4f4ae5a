"""Every operation does what the OpenAPI document says, for all that schemathesis sends.

What the compatibility mount takes is described as for the reference mount, where all kinds of
requests are tried; it gets few.
"""

import os

import pytest
from schemathesis.specs.openapi import checks as rules

from tests.posts.api import generated
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, OPEN
from tests.posts.api.generated import one_connection, world
from tests.posts.api.walk.judged import REFERENCE, every

__all__ = ["one_connection", "world"]

#: More are tried by, for instance, AS_DESCRIBED_EXAMPLES=500.
EXAMPLES = int(os.environ.get("AS_DESCRIBED_EXAMPLES", "10"))
FEW = 2
CHECKS = {
    "/api/v1": generated.ALL,
    "/compat/api/v1": [*generated.SHAPE, rules.negative_data_rejection],
}


def validating(caller, mount, world):
    """Sends a case with the key, and compares the answer with the document."""

    def ask(case):
        generated.about(case, world).call_and_validate(
            headers={"Authorization": f"Bearer {caller.secret}"},
            checks=generated.checks(case, CHECKS[mount]),
        )

    return ask


def test_a_few_requests_are_answered_as_described(ada, world):
    """To some operations of each kind; the walk compares answers of all with their documents."""
    ask = validating(ada, REFERENCE, world)

    every(
        [*ENDPOINTS[::3], *OPEN],
        lambda endpoint: generated.send(endpoint, REFERENCE, ask, most=FEW),
    )


@pytest.mark.thorough
@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("endpoint", [*ENDPOINTS, *OPEN], ids=lambda each: each.name)
def test_every_operation_answers_as_described(ada, world, mount, endpoint):
    is_reference = mount == REFERENCE
    generated.send(
        endpoint,
        mount,
        validating(ada, mount, world),
        most=EXAMPLES if is_reference else FEW,
        coverage=is_reference,
    )

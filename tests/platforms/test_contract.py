"""Every adapter passes the contract: one line each."""

import pytest

from platforms.base import Draft
from platforms.linkedin.adapter import LinkedIn
from platforms.x.adapter import X
from tests.contract import AdapterContract, Case

PAGE = {"author": "urn:li:organization:881"}
CASES = {
    "x": Case(X(), Draft("Hello"), "880", "create_post"),
    "linkedin page": Case(LinkedIn(), Draft("Hello"), "881", "create_post", extra=PAGE),
    "linkedin member": Case(LinkedIn(), Draft("Hello"), "882", "create_post"),
}


class TestContract(AdapterContract):
    @pytest.fixture(params=CASES)
    def case(self, request: pytest.FixtureRequest) -> Case:
        return CASES[request.param]

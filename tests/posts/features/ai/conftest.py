"""The simulator's AI provider, and a caller whose key may use it."""

from dataclasses import replace

import pytest

from posts.features.ai import Provider
from tests.conftest import Simulator
from tests.posts.conftest import Caller, make_caller


@pytest.fixture
def provider(simulator: Simulator, settings) -> Simulator:
    settings.AI_PROVIDER = Provider(
        base_url=f"{simulator.url}/ai/v1",
        api_key="sk-provider-secret-0123456789",
        text_model="text",
        image_model="image",
        image_sizes={"16:9": "1536x1024"},
    )
    yield simulator
    simulator.http.delete("/control/faults").raise_for_status()


@pytest.fixture
def artist(ada) -> Caller:
    return make_caller(ada.workspace, "Artist", ("ai",))


@pytest.fixture
def unset(settings) -> None:
    settings.AI_PROVIDER = replace(settings.AI_PROVIDER, base_url="")

"""The secrets of webhooks are in no log, no matter what becomes of a webhook."""

import io
import logging
from collections.abc import Iterator

import pytest

from config.observability import logs
from posts.outbox import outbox
from tests.posts.features.webhooks.rounds import deliver


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, at the level DEBUG, as it is written."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(logs._formatter("json"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def test_no_secret_of_a_webhook_is_logged(ada, receiver, lines):
    body = {"url": receiver.url("/status/500"), "events": ["post.deleted"]}
    hook = ada.post("/webhooks", body).json()["data"]
    path = f"/webhooks/{hook['id']}"
    secrets = [hook["secret"], ada.post(f"{path}/rotate-secret", {}).json()["data"]["secret"]]
    ada.post(f"{path}/test")
    outbox.emit(ada.workspace.pk, "post.deleted", {})
    assert deliver()
    for secret in secrets:
        ada.patch(path, {"secret": secret})
        ada.get(f"{path}/deliveries?event_id={secret}")

    said = lines.getvalue()
    assert said.count('"request"') == 7
    for secret in secrets:
        assert secret.removeprefix("whsec_") not in said

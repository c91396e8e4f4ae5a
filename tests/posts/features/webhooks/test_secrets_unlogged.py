"""The secrets of webhooks are in no log, no matter what becomes of a webhook."""

from posts.outbox import outbox
from tests.posts.features.webhooks.rounds import deliver


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

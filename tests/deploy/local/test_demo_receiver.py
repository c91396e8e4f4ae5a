"""The demo's receiver takes what is signed with the webhook's secret, and nothing else."""

import hashlib
import hmac
import json

import httpx

from deploy.local.demo.client import DemoReceiver

BODY = json.dumps({"event": "post.published", "data": {"post_id": "post_1"}}).encode()


def signed(secret: str) -> dict[str, str]:
    digest = hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    return {"X-PostEverywhere-Signature": f"sha256={digest}"}


def test_signed_events_are_kept_by_post():
    with DemoReceiver() as receiver:
        receiver.secret = "whsec_right"
        answer = httpx.post(receiver.url, content=BODY, headers=signed("whsec_right"))

    assert answer.status_code == 200
    assert receiver.about("post_1") == ["post.published"]
    assert receiver.about("post_2") == []
    assert receiver.unsigned == 0


def test_other_events_are_refused_and_counted():
    with DemoReceiver() as receiver:
        before = httpx.post(receiver.url, content=BODY, headers=signed(""))
        receiver.secret = "whsec_right"
        wrong = httpx.post(receiver.url, content=BODY, headers=signed("whsec_wrong"))
        none = httpx.post(receiver.url, content=BODY)

    assert {before.status_code, wrong.status_code, none.status_code} == {401}
    assert receiver.about("post_1") == []
    assert receiver.unsigned == 3

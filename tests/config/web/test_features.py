"""What the first page shows of each further feature works, and is answered as it says."""

import html
import json
import re
import uuid
from typing import Any

import pytest

from config.web.quickstart import FEATURES, features
from destinations.dispatch import claims
from destinations.publishing import worker
from destinations.runtime import clock
from posts.features.webhooks.delivery import signatures
from posts.models import Campaign, Workspace
from tests.config.web.test_quickstart import HERE, Reader, commands, page
from tests.factories import make_account, make_workspace
from tests.posts.conftest import make_caller
from tests.posts.features.ai.conftest import provider  # noqa: F401 - a fixture

#: What the reader fills in of the answer to a command: the word, and the field that has it.
FILLED_IN = {
    "webhook": ("WEBHOOK_ID", "id"),
    "campaign": ("CAMPAIGN_ID", "id"),
    "planned": ("PLANNED_ID", "post_id"),
    "shortened": ("LINKED_ID", "post_id"),
    "device": ("DEVICE_CODE", "device_code"),
}


def answers(text: str) -> dict[str, Any]:
    found = re.findall(r'<code id="(\w+)-answer">(.*?)</code>', text, re.S)
    return {name: json.loads(html.unescape(shown)) for name, shown in found}


def is_like(shown: Any, given: Any) -> bool:
    """Whether what was answered has every field that is shown, null or of the same kind."""
    if isinstance(shown, dict):
        return all(key in given and is_like(shown[key], given[key]) for key in shown)
    if isinstance(shown, list):
        return isinstance(given, list) and all(
            is_like(one, other) for one, other in zip(shown, given, strict=False)
        )
    return given is None or isinstance(given, type(shown))


@pytest.mark.needs("curl")
@pytest.mark.django_db(transaction=True)
def test_the_commands_work_as_they_stand_and_are_answered_as_shown(
    live_server,
    settings,
    tmp_path,
    simulator,
    provider,  # noqa: F811
):
    settings.PUBLIC_URL, settings.MEDIA_ROOT = live_server.url, tmp_path / "media"
    settings.DELETE_WAIT_SECONDS = 0
    workspace = make_workspace()
    workspace.approval_mode = Workspace.ApprovalMode.OPTIONAL
    workspace.save()
    caller = make_caller(workspace, "Ada")
    number = "17841400000009871"
    token = simulator.connect("x", number)
    account = make_account(caller.workspace, token=token, platform_account_id=number)
    (tmp_path / "demo.env").write_text(f"API_KEY={caller.secret}\nACCOUNT_IDS={account.pk}\n")
    settings.DEMO_ENV = str(tmp_path / "demo.env")
    text = page(**HERE)
    reader, shown = Reader(commands(text), tmp_path), answers(text)
    public = caller.post("/posts", {"content": "Hello", "account_ids": [account.pk]})
    worker.publish(claims.claim(100))
    reader.known["POST_ID"] = public.json()["data"]["post_id"]

    for name in (step.name for each in FEATURES for step in each.steps if step.answer):
        answer = reader.run(name)
        assert is_like(shown[name], answer), (name, answer)
        if name in FILLED_IN:
            word, field = FILLED_IN[name]
            reader.known[word] = str(answer.get("data", answer)[field])
    assert Campaign.objects.get().posts.count() == 1


@pytest.mark.django_db
def test_the_verification_accepts_what_is_signed_and_nothing_else():
    [verify] = [
        step.command for feature in features({}) for step in feature.steps if step.name == "verify"
    ]
    names: dict[str, Any] = {}
    exec(verify, names)  # as readers run it
    headers = signatures.headers(
        b"{}",
        event="post.published",
        event_id=uuid.uuid4(),
        delivery_id=uuid.uuid4(),
        secrets=["whsec_c2VjcmV0"],
        at=clock.now(),
    )

    assert names["is_genuine"]("whsec_c2VjcmV0", b"{}", headers)
    assert not names["is_genuine"]("whsec_b3RoZXI=", b"{}", headers)
    assert not names["is_genuine"]("whsec_c2VjcmV0", b"[]", headers)


def test_the_features_are_folded_and_follow_the_first_steps():
    text = page(**HERE)

    assert text.count("<details>") == len(FEATURES)
    assert text.index('id="results"') < text.index('id="more"') < text.index("<details>")

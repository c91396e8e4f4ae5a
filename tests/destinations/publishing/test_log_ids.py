"""A customer quotes an id: every log line about it is found by that id."""

import io
import json
import logging

import pytest

from config.observability import logs
from destinations.dispatch import claims
from destinations.publishing import worker
from tests.destinations.connected import connect
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """The log lines of the process as dicts, in the production format."""
    logs.configure({"format": "json", "level": "DEBUG"})
    written = io.StringIO()
    logging.getLogger().handlers[0].setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logs.configure({"format": "console", "level": "INFO"})


def test_an_outcome_is_logged_with_the_ids_that_customers_quote(simulator, lines):
    workspace = make_workspace()
    account = connect(simulator, workspace=workspace)
    post = make_post(workspace, [account], request_id="req_abc123")

    worker.publish(claims.claim(1))

    (short,) = [line for line in lines() if line["event"] == "published"]
    (line,) = [line for line in lines() if line["event"] == "succeed"]
    row = post.destinations.get()
    assert row.status == "published"
    assert (short["level"], short["destinations"]) == ("info", [row.public_id])
    assert short["requests"] == ["req_abc123"]
    assert line["level"] == "debug"
    ids = ("request_id", "workspace", "account", "post", "destination", "platform", "attempt")
    assert [line[name] for name in ids] == [
        "req_abc123",
        str(workspace.pk),
        account.pk,
        post.public_id,
        row.public_id,
        "x",
        1,
    ]
    assert (line["post"][:5], line["destination"][:5]) == ("post_", "dest_")


def test_an_adapter_crash_is_logged_with_the_same_ids(simulator, lines):
    """So are the lines of adapters and libraries during the call."""
    workspace = make_workspace()
    account = make_account(workspace, "x", token="t", platform_account_id="77", username="acme")
    post = make_post(workspace, [account], request_id="req_abc123")
    # A draft that no composing makes.
    row = post.destinations.get()
    row.draft = {**row.draft, "settings": {"thread": 7}}
    row.save()

    worker.publish(claims.claim(1))

    (line,) = [line for line in lines() if line["event"] == "adapter_crashed"]
    assert (line["destination"], line["post"]) == (row.public_id, post.public_id)
    assert (line["account"], line["workspace"]) == (account.pk, str(workspace.pk))
    assert (line["request_id"], line["platform"]) == ("req_abc123", "x")

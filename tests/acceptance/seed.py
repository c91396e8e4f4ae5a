"""A process within a stack that makes workspaces: a line of JSON asks for one, a line answers.

Connecting an account needs a person at the network, so the tests write its row themselves. One
process for all of a stack's teams: starting one takes as long as a test.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from posts.keys import keys  # noqa: E402
from tests.factories import make_account, make_workspace  # noqa: E402

# Limits are counted, and never reached: how many posts there are is for the tests to say.
LIMITS = {"request_limits": "1000000/h", "post_limits": "1000000/h"}


def make(wanted: list[dict[str, Any]]) -> dict[str, Any]:
    # In an account's object, because the seed of a former release reads the same line.
    named = [{"id": each["workspace_id"]} for each in wanted if "workspace_id" in each]
    workspace = make_workspace(**(named[0] if named else {}))
    accounts = [
        make_account(
            workspace,
            account["network"],
            token=account["token"],
            extra=account["extra"],
            platform_account_id=account["id"],
            username=account["username"],
        )
        for account in wanted
    ]
    _, key = keys.create(workspace, "acceptance", ["read", "write", "ai"], **LIMITS)
    connection.close()  # nothing is kept open while the tests restore or stop the database
    return {"key": key, "accounts": [account.pk for account in accounts]}


for line in sys.stdin:
    print(json.dumps(make(json.loads(line))), flush=True)

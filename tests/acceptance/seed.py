"""Run within a stack: make a workspace, its accounts and a key, and print them as JSON.

Connecting an account needs a person at the network, so the tests write its row themselves.
"""

import json
import sys

import django

django.setup()

from posts.keys import keys  # noqa: E402
from tests.factories import make_account, make_workspace  # noqa: E402

workspace = make_workspace()
accounts = [
    make_account(
        workspace,
        wanted["network"],
        token=wanted["token"],
        extra=wanted["extra"],
        platform_account_id=wanted["id"],
        username=wanted["username"],
    )
    for wanted in json.load(sys.stdin)
]
# Limits are counted, and never reached: how many posts there are is for the tests to say.
LIMITS = {"request_limits": "1000000/h", "post_limits": "1000000/h"}
_, key = keys.create(workspace, "acceptance", ["read", "write"], **LIMITS)
json.dump({"key": key, "accounts": [account.pk for account in accounts]}, sys.stdout)

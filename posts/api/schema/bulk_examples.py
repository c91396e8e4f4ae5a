"""What POST /posts/bulk answers, for the documentation: all made, some, none."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from posts.api.schema.examples import AHEAD, META

MADE = {
    "post_id": "post_8f3k2j1",
    "status": "scheduled",
    "scheduled_for": AHEAD,
    "accounts_count": 3,
    "message": "Post scheduled for 3 accounts",
}
REFUSED = {
    "code": "invalid_accounts",
    "message": "There is no such account: 4.",
    "status": 400,
    "details": {"account_ids": [4]},
}


def _example(name: str, status: int, *each_ok: bool) -> OpenApiExample:
    results = [
        {"index": index, "ok": ok, **({"post": MADE} if ok else {"error": REFUSED})}
        for index, ok in enumerate(each_ok)
    ]
    made = sum(each_ok)
    summary = {"total": len(each_ok), "succeeded": made, "failed": len(each_ok) - made}
    shown: dict[str, Any] = {"data": {"summary": summary, "results": results}}
    if not made:
        shown["error"] = None
    return OpenApiExample(
        name, value={**shown, "meta": META}, response_only=True, status_codes=[str(status)]
    )


EXAMPLES = [
    _example("all_made", 201, True),
    _example("some_made", 207, True, False),
    _example("none_made", 422, False),
]

"""How the OpenAPI document introduces the API. Settings read it: it imports nothing."""

DESCRIPTION = """
One request publishes a post to many social accounts. Each account is a separate destination, with
its own status, retries and result.

Send `Authorization: Bearer pe_live_…` with every call. Every answer is `{"data", "meta"}`, every
error `{"data": null, "error", "meta"}` with a stable `error.code`; `error.retryable` says whether
the same request may succeed later. Times are UTC. Unknown fields are refused.
"""
_TAGS = {
    "accounts": "List connected accounts and their health; connect and repair them.",
    "me": "The calling key, its workspace and limits.",
    "media": "Upload files, or import them from URLs.",
    "platform-rules": "Limits and options of each network.",
    "posts": "Create, schedule, follow, retry and delete posts.",
}
TAGS = [{"name": name, "description": text} for name, text in _TAGS.items()]

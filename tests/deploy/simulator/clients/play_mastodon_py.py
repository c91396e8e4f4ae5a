"""Mastodon.py, as a program that posts would use it. Prints JSON with what it has seen.

Runs in the environment of `install.py`. Arguments: the server. It prints the address of the
consent page, and reads the code that the page shows.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from mastodon import Mastodon, MastodonError

SCOPES = ["read", "write"]


def log_in(server: str) -> Mastodon:
    client_id, secret = Mastodon.create_app("Pigeons", scopes=SCOPES, api_base_url=server)
    client = Mastodon(client_id, secret, api_base_url=server)
    print(client.auth_request_url(scopes=SCOPES), flush=True)
    client.log_in(code=sys.stdin.readline().strip(), scopes=SCOPES)
    return client


def publish(client: Mastodon) -> dict[str, str]:
    """Publish a post of each kind; their ids by kind."""
    text = client.status_post("Coo", idempotency_key="coo")
    again = client.status_post("Coo", idempotency_key="coo")
    picture = client.media_post("dove.png", description="A dove", focus=(0.0, 0.5))
    video = client.media_post("dove.mp4", description="A dove that flies")
    while video.url is None:
        time.sleep(0.3)
        video = client.media(video)
    poll = client.make_poll(["Coo", "Coo coo"], expires_in=3600, multiple=True)
    posts = {
        "text": text,
        "text again": again,
        "image": client.status_post("Look", media_ids=[picture], visibility="unlisted"),
        "video": client.status_post("See", media_ids=video, sensitive=True, spoiler_text="Wings"),
        "reply": client.status_post("And coo", in_reply_to_id=text, language="en"),
        "poll": client.status_post("Which?", poll=poll),
    }
    return {kind: str(post.id) for kind, post in posts.items()}


def read(client: Mastodon, ids: dict[str, str]) -> dict[str, Any]:
    me = client.account_verify_credentials()
    newest = client.account_statuses(me, limit=2)
    older = client.account_statuses(me, max_id=newest[-1])
    reply, poll = client.status(ids["reply"]), client.status(ids["poll"]).poll
    video = client.status(ids["video"])
    [file] = video.media_attachments
    return {
        "me": [me.acct, me.display_name],
        "listed": [str(each.id) for each in [*newest, *older]],
        "without replies": len(client.account_statuses(me, exclude_replies=True)),
        "reply to": str(reply.in_reply_to_id),
        "video": [video.sensitive, video.spoiler_text, file.type, file.description],
        "poll": [[each.title for each in poll.options], poll.multiple, poll.expired],
        "has a date": video.created_at.tzinfo is not None,
        "most characters": client.instance_v2().configuration.statuses.max_characters,
    }


def refused(call: Callable[[], object]) -> list[Any]:
    """Return the class of an error, its status and the server's words."""
    try:
        call()
    except MastodonError as error:
        return [type(error).__name__, error.args[1], error.args[-1]]
    return []


def main(server: str) -> None:
    client = log_in(server)
    ids = publish(client)
    told = {"ids": ids, "read": read(client, ids)}
    stranger = Mastodon(access_token="nonsense", api_base_url=server)
    told["refused"] = {
        "wrong token": refused(lambda: stranger.status_post("Coo")),
        "too long": refused(lambda: client.status_post("a" * 501)),
        "nothing": refused(lambda: client.status_post("")),
        "unknown post": refused(lambda: client.status("1")),
        "unknown file": refused(lambda: client.status_post("Coo", media_ids=["1"])),
        "no file": refused(lambda: client.media_post(b"no picture", "image/png")),
    }
    told["deleted"] = client.status_delete(ids["text"]).text
    told["refused"]["deleted post"] = refused(lambda: client.status_delete(ids["text"]))
    ended = Mastodon(access_token=client.access_token, api_base_url=server)
    client.revoke_access_token()
    told["refused"]["revoked token"] = refused(ended.account_verify_credentials)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])

"""Bluesky's SDK for Python, as a program that posts would use it. Prints JSON with what it saw.

Runs in the environment of `install.py`. Arguments: handle and password of an account. Records are
written by applyWrites, as our adapter writes them; the SDK's `send_post` uses another call.
"""

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atproto import AtUri, Client, Session, models
from atproto.exceptions import AtProtocolError

Reference = models.ComAtprotoRepoStrongRef.Main


def post(client: Client, text: str, **more: Any) -> Reference:
    """Publish; where the post is."""
    record = models.AppBskyFeedPost.Record(
        text=text, langs=["en"], created_at=client.get_current_time_iso(), **more
    )
    write = models.ComAtprotoRepoApplyWrites.Create(
        collection=models.ids.AppBskyFeedPost, value=record
    )
    batch = models.ComAtprotoRepoApplyWrites.Data(repo=client.me.did, writes=[write])
    [made] = client.com.atproto.repo.apply_writes(batch).results
    return Reference(uri=made.uri, cid=made.cid)


def picture(client: Client) -> models.AppBskyEmbedImages.Main:
    stored = client.upload_blob(Path("dove.png").read_bytes())
    image = models.AppBskyEmbedImages.Image(alt="A dove", image=stored.blob)
    return models.AppBskyEmbedImages.Main(images=[image])


def unstored(client: Client) -> models.AppBskyEmbedImages.Main:
    found = picture(client)
    found.images[0].image.ref.link = f"bafkrei{'a' * 52}"
    return found


def video(client: Client) -> models.AppBskyEmbedVideo.Main:
    """Upload as the SDK's `send_video` does: to the server, which asks the video service itself."""
    stored = client.upload_blob(Path("dove.mp4").read_bytes())
    return models.AppBskyEmbedVideo.Main(video=stored.blob, alt="A dove that flies")


def publish(client: Client) -> dict[str, Reference]:
    words = f"Coo #doves of @{client.me.handle}, https://example.com/dovecote"
    text = post(client, words, facets=client.detect_facets(words))
    reply = models.AppBskyFeedPost.ReplyRef(root=text, parent=text)
    return {
        "text": text,
        "image": post(client, "Look", embed=picture(client)),
        "video": post(client, "See", embed=video(client)),
        "reply": post(client, "And coo", reply=reply),
    }


def read(client: Client, posts: dict[str, Reference]) -> dict[str, Any]:
    found = client.get_posts([each.uri for each in posts.values()]).posts
    reply = client.get_post(AtUri.from_str(posts["reply"].uri).rkey, client.me.did)
    return {
        "me": [client.me.handle, client.me.display_name],
        "texts": [each.record.text for each in found],
        "cids": [each.cid for each in found] == [each.cid for each in posts.values()],
        "facets": [each.features[0].py_type for each in found[0].record.facets],
        "image": found[1].record.embed.images[0].alt,
        "reply to": reply.value.reply.parent.uri == posts["text"].uri,
    }


def with_token(session: Session, token: str) -> Client:
    client = Client()
    changed = Session(session.handle, session.did, token, session.refresh_jwt, session.pds_endpoint)
    client.login(session_string=changed.encode(), fetch_bsky_profile=False)
    return client


def refused(call: Callable[[], object]) -> list[Any]:
    """Return the class of an error, its status and the server's words."""
    try:
        call()
    except AtProtocolError as error:
        answer = error.response
        return [type(error).__name__, answer.status_code, answer.content.error]
    return []


def renews(session: Session) -> bool:
    """Come with an access token that has ended; whether the SDK got another by itself."""
    head, _, signature = session.access_jwt.split(".")
    ended = base64.urlsafe_b64encode(b'{"exp": 1}').decode().rstrip("=")
    client = with_token(session, f"{head}.{ended}.{signature}")
    found = client.get_profile(session.did)
    return found.handle == session.handle and f".{ended}." not in client.export_session_string()


def main(handle: str, password: str) -> None:
    client = Client()
    client.login(handle, password)
    posts = publish(client)
    session = Session.decode(client.export_session_string())
    stranger = with_token(session, f"{session.access_jwt}x")
    told = {"read": read(client, posts), "renews": renews(session)}
    told["refused"] = {
        "wrong password": refused(lambda: Client().login(handle, "wrong")),
        "wrong token": refused(lambda: stranger.get_profile(handle)),
        "too long": refused(lambda: post(client, "a" * 301)),
        "unknown post": refused(lambda: client.get_post("3aaaaaaaaaaaa", client.me.did)),
        "unknown file": refused(lambda: post(client, "Look", embed=unstored(client))),
    }
    told["deleted"] = client.delete_post(posts["text"].uri)
    told["left"] = len(client.get_posts([each.uri for each in posts.values()]).posts)
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The simulators of Mastodon and Bluesky take what clients send that are not ours."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Simulator
from tests.platforms.bluesky.account import new_did
from tests.platforms.driver import image, video
from tests.platforms.mastodon.account import USUAL, new_id

API = f"/{USUAL}/api"
OOB = "urn:ietf:wg:oauth:2.0:oob"
TYPE = "com.atproto.repo.applyWrites#create"
POST = "app.bsky.feed.post"


@pytest.fixture
def mastodon(simulator: Simulator) -> Iterator[Simulator]:
    number = new_id()
    token = simulator.connect("mastodon", number, username=f"dove@{USUAL}")
    simulator.set("mastodon", "needs_keys", False, number)
    simulator.http.headers["Authorization"] = f"Bearer {token}"
    yield simulator
    del simulator.http.headers["Authorization"]


@pytest.fixture
def bluesky(simulator: Simulator) -> tuple[Simulator, str, dict[str, str]]:
    did = new_did()
    token = simulator.connect("bluesky", did, username=f"{did[-12:]}.bsky.social")
    return simulator, did, {"Authorization": f"Bearer {token}"}


def test_a_form_without_a_key_and_a_file_without_a_type_are_a_post(mastodon: Simulator):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="dove"\r\n\r\n'
    body = head + image() + b"\r\n--x--\r\n"  # which does not say that it is a PNG
    number = mastodon.http.post(f"{API}/v2/media", content=body, headers=kind).json()["id"]
    form = {"status": "Coo", "media_ids[]": [number], "sensitive": "1"}

    post = mastodon.http.post(f"{API}/v1/statuses", data=form).json()

    assert (post["content"], post["sensitive"]) == ("<p>Coo</p>", True)
    assert [each["id"] for each in post["media_attachments"]] == [number]


def test_a_poll_is_told_as_servers_tell_it(mastodon: Simulator):
    poll = {"options": ["Coo", "Coo coo"], "expires_in": 3600}
    body = {"status": "Which?", "poll": poll, "sensitive": "0", "media_ids": []}

    told = mastodon.http.post(f"{API}/v1/statuses", json=body).json()["poll"]

    counts = [(each["title"], each["votes_count"]) for each in told["options"]]
    assert (counts, told["expired"]) == ([("Coo", 0), ("Coo coo", 0)], False)


def test_a_video_has_no_address_until_it_is_processed(mastodon: Simulator):
    file = {"file": ("dove.mp4", video(), "video/mp4")}
    number = mastodon.http.post(f"{API}/v2/media", files=file).json()["id"]

    early = mastodon.http.get(f"{API}/v1/media/{number}")
    mastodon.advance(2)
    late = mastodon.http.get(f"{API}/v1/media/{number}")

    assert (early.status_code, early.json()["url"]) == (206, None)
    assert (late.status_code, late.json()["url"] is None) == (200, False)


def test_a_program_without_an_address_is_shown_its_code(simulator: Simulator):
    number = new_id()
    simulator.connect("mastodon", number, username=f"dove@{USUAL}")
    form = {"client_name": "Coo", "redirect_uris": OOB, "scopes": "read"}
    app = simulator.http.post(f"{API}/v1/apps", data=form).json()
    asked = {"client_id": app["client_id"], "response_type": "code", "redirect_uri": OOB}
    page = httpx.URL(f"/{USUAL}/oauth/authorize", params={**asked, "scope": "read"})

    shown = simulator.consent(str(page), number)

    code = shown.removeprefix("authorize/native?code=")
    assert code in simulator.http.get(f"/{USUAL}/oauth/{shown}").text


def test_records_name_their_types_and_get_keys_of_their_own(bluesky: Any):
    simulator, did, headers = bluesky
    at = {"$type": "app.bsky.richtext.facet#byteSlice", "byteStart": 0, "byteEnd": 6}
    tag = {"$type": "app.bsky.richtext.facet#tag", "tag": "doves"}
    facet = {"$type": "app.bsky.richtext.facet", "index": at, "features": [tag]}
    record = {"$type": POST, "text": "#doves", "createdAt": "2026-11-30T20:00:00.123456+00:00"}
    write = {"$type": TYPE, "collection": POST, "value": {**record, "facets": [facet]}}

    def made(write: dict[str, Any]) -> httpx.Response:
        body = {"repo": did, "writes": [write]}
        path = "/bsky.social/xrpc/com.atproto.repo.applyWrites"
        return simulator.http.post(path, json=body, headers=headers)

    answers = [made(write).json() for _ in range(30)]
    wrong = {**facet, "index": {**at, "$type": "app.bsky.richtext.facet"}}

    assert len({answer["results"][0]["uri"] for answer in answers}) == 30
    assert len(answers[0]["commit"]["rev"]) == 13
    assert made({**write, "value": {**record, "facets": [wrong]}}).status_code == 400


def test_a_file_whose_type_its_sender_does_not_know_is_looked_at(bluesky: Any):
    simulator, _, headers = bluesky
    path, unknown = "/bsky.social/xrpc/com.atproto.repo.uploadBlob", {"Content-Type": "*/*"}

    answer = simulator.http.post(path, content=image(), headers={**headers, **unknown})

    assert answer.json()["blob"]["mimeType"] == "image/png"

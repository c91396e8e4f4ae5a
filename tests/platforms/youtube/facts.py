"""The facts of YouTube that tests need."""

import dataclasses

from platforms.errors import OutcomeUnknown
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, LAG
from tests.platforms.youtube.steps import make_draft, with_thumbnail

UPLOAD = Kind("put_bytes", CLIP)
DISCOVERY = "YouTube Data API discovery document 20261104"


def _refusal(words: str) -> dict[str, object]:
    errors = [{"reason": words, "message": words}]
    return {"error": {"code": 400, "message": words, "errors": errors}}


FACTS = NetworkFacts(
    account=Account("UC{:0>22}".format),
    kinds={
        "": UPLOAD,
        "short": Kind("put_bytes", dataclasses.replace(CLIP, post_type="Short")),
    },
    statuses={404: OutcomeUnknown},
    lost={
        "": LostAnswer(UPLOAD, {}, 2, 2, 1),
        "session gone": LostAnswer(UPLOAD, LAG, 4, 8, 10, end="fail", broken=("ask_session", 404)),
    },
    lookups=("ask_session", "playlist_items", "videos"),
    lags=("listing_lag_seconds",),
    deletion=Deletion("delete_video", scopes=("https://www.googleapis.com/auth/youtube.readonly",)),
    numbers=("videos", {"views", "likes", "comments"}),
    links=(
        "dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ?si=abc",
        "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
    ),
    image=None,
    video=(256 * 1024**3, 0, 12 * 3600),
    refusals=(_refusal,),
    person=lambda *_: (
        "UCabcdefghijklmnopqrstuv",
        {"name": "Acme Videos", "username": "acmeclips"},
    ),
    trials=(
        Kind(
            "put_bytes",
            make_draft(
                categoryId="22",
                defaultLanguage="en",
                license="youtube",
                embeddable=True,
                containsSyntheticMedia=True,
                notifySubscribers=False,
            ),
        ),
        Kind("put_bytes", dataclasses.replace(with_thumbnail(), post_type="Video")),
    ),
    still_right=(
        Right(
            "POST www.googleapis.com/upload/youtube/v3/videos",
            "empty body",
            r"snippet\.tags",
            f"{DISCOVERY}: a list, which may be empty",
        ),
        Right(
            "GET www.googleapis.com/youtube/v3/playlistItems",
            "drop query",
            "maxResults",
            f"{DISCOVERY}: optional",
        ),
        Right(
            "(GET|POST) www.googleapis.com/.*",
            "double query",
            "part id",
            f"{DISCOVERY}: part, and the ids of a list, may be repeated",
        ),
        Right(
            "GET www.googleapis.com/youtube/v3/videos",
            "alter query",
            "id",
            "Data API, videos.list: ids that are not found are left out",
        ),
        Right(
            "POST www.googleapis.com/upload/youtube/v3/videos",
            "drop query",
            "notifySubscribers",
            f"{DISCOVERY}: optional",
        ),
        Right(
            "POST www.googleapis.com/upload/youtube/v3/videos",
            "drop body",
            r"status status\.\w+ snippet\.(categoryId|defaultLanguage|description|tags)",
            f"{DISCOVERY}: optional",
        ),
        Right(
            "POST www.googleapis.com/upload/youtube/v3/videos",
            "drop|misspell header",
            "Slug",
            "Resumable Uploads: it names no such header",
        ),
        Right(
            "PUT www.googleapis.com/upload/youtube/v3/videos",
            "drop|misspell header",
            "Content-Range Content-Type",
            "Resumable Uploads: a whole file needs no range, and its type was announced before",
        ),
    ),
)

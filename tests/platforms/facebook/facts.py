"""The facts of Facebook that tests need."""

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from tests.deploy.simulator.still_right import Right
from tests.platforms.driver import media
from tests.platforms.facebook.videos import upright
from tests.platforms.facts import Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.meta.grants import DENIED, GRAPH, PROOF
from tests.platforms.samples import CLIP, PHOTO, PICTURE, VIDEO

MB, GB = 1024**2, 1024**3
UPRIGHT = media(upright(), kind="video")
COMMENTED = {"firstComment": "Coo!"}


def _graph(words: str) -> dict[str, object]:
    said = {"message": words, "error_user_msg": words, "code": 100, "type": words}
    return {"error": {**said, "error_subcode": 99, "fbtrace_id": words}}


FACTS = NetworkFacts(
    kinds={
        "": Kind("change_post"),
        "photo": Kind("change_post", PICTURE),
        "video": Kind("finish_video", CLIP),
        "reel": Kind("finish_reel", Draft("Hello", (UPRIGHT,), post_type="Reels")),
        "story": Kind("photo_story", Draft("", (media(),), post_type="Story")),
        "video story": Kind("finish_story", Draft("", (UPRIGHT,), post_type="Story")),
    },
    # Graph says what happened by its code; a bare 404 comes with that of its own trouble.
    statuses={404: OutcomeUnknown},
    lost={"": LostAnswer(Kind("change_post"), {}, 1, 1, 1)},
    lookups=("read_post", "read_video"),
    lags=("published_lag_seconds", "processing_seconds"),
    publishing=("change_post", "finish_video"),
    deletion=Deletion("delete_post", scopes=("pages_read_engagement",), is_said=True),
    numbers=("read_post", {"views", "likes", "comments", "shares", "clicks"}),
    links=(
        "1234567_7654321",
        "https://www.facebook.com/1234567_7654321",
        "https://m.facebook.com/story.php?story_fbid=7654321&id=1234567",
        "https://www.facebook.com/1234567/posts/7654321/?mibextid=x",
        "https://www.facebook.com/1234567_7654321",
    ),
    image=(4 * MB, 0, 0, 0, 0),
    video=(1 * GB, 1, 4 * 3600),
    # Those of Instagram and Threads too.
    refusals=(
        _graph,
        lambda words: {"debug_info": {"type": "ProcessingFailed", "message": words}},
        lambda words: {"error_type": words, "code": 400, "error_message": words},
    ),
    person=lambda person, _: ("102938475610293", {"extra": {"owner": person}}),
    denied={"facebook": {**DENIED, "error_code": "200"}},
    trials=(
        Kind("change_post", Draft("Hello", settings={"link": "https://example.com/", **COMMENTED})),
        Kind("change_post", Draft("Look", (PHOTO, PHOTO))),
        Kind("finish_video", Draft("Look", (VIDEO,), {"title": "Doves", "isAiGenerated": True})),
        Kind("finish_reel", Draft("Look", (UPRIGHT,), {"title": "Doves"}, "Reels")),
        Kind("photo_story", Draft("", (PHOTO,), post_type="Story")),
        Kind("finish_story", Draft("", (UPRIGHT,), post_type="Story")),
    ),
    still_right=(
        Right(
            r"GET graph\..*",
            "enlarge query",
            "limit since",
            f"{GRAPH}: an edge has a limit of its own, and a time is any number",
        ),
        Right(r"GET graph\..*", "drop query", "fields limit since", GRAPH),
        Right("GET graph.facebook.com/.*", "drop query", "appsecret_proof", PROOF),
        Right(
            "GET graph.facebook.com/.*/insights",
            "drop query",
            "period",
            "Page Insights: lifetime is the only period of these metrics",
        ),
        Right(
            "POST graph(-video)?.facebook.com/.*/(feed|photos|video(s|_reels))",
            "drop body",
            "attached_media link message published alt_text_custom description title "
            "is_ai_generated",
            "Page Feed, Photos, Videos, Video Reels: optional; one of message, link and "
            "attached_media is enough, and published is true if it is missing",
        ),
        Right(
            r"POST rupload\..*",
            "drop|misspell header",
            "Content-Type",
            "Reels Publishing API: Authorization, offset and file_size are its headers",
        ),
    ),
)

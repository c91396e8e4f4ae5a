"""The facts of Discord that tests need. Its accounts are bots; a webhook cannot be asked."""

from platforms.drafts import Draft
from platforms.errors import Unauthorized
from tests.deploy.simulator.still_right import Right
from tests.platforms.discord import steps
from tests.platforms.discord.account import id_of
from tests.platforms.driver import HELLO
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, LAG, PHOTO, PICTURE, VIDEO

MB = 1024**2
SPECIFICATION = "github.com/discord/discord-api-spec"
#: A bot in a forum, and a webhook.
FORUM, WEBHOOK = Account(id_of, {"kind": "forum"}), Account()


def _refusal(words: str) -> dict[str, object]:
    errors = {words: {"_errors": [{"code": words, "message": words}]}}
    return {"code": 50035, "message": words, "errors": errors}


FACTS = NetworkFacts(
    account=Account(id_of),
    kinds={
        "": Kind("create_message"),
        "picture": Kind("create_message", PICTURE),
        "video": Kind("create_message", CLIP),
        "forum": Kind("create_thread", HELLO, FORUM),
        "webhook": Kind("execute_webhook", HELLO, WEBHOOK),
    },
    # Discord has no other 404 where messages are made.
    statuses={404: Unauthorized},
    lost={
        # An empty list proves nothing before the bot is known to see old messages.
        "bot": LostAnswer(Kind("create_message"), LAG, 1, 5, 6),
        "webhook": LostAnswer(Kind("execute_webhook", HELLO, WEBHOOK), {}, 0, 0, 0, end="fail"),
    },
    lookups=("list_messages",),
    lags=("listing_lag_seconds",),
    # A bot has no scopes.
    deletion=Deletion("delete_message", refusal=""),
    numbers=("get_message", {"likes"}),
    links=(
        "1290000000000000009",
        "https://discord.com/channels/1290000000000000001/1290000000000000003/1290000000000000009",
        "https://canary.discord.com/channels/1290000000000000001/4/1290000000000000009?a=b",
        "discord.com/channels/@me/1290000000000000003/1290000000000000009/",
    ),
    image=(10 * MB, 0, 0, 0, 0),
    video=(10 * MB, 0, 0),
    has_link_cards=True,
    refusals=(_refusal,),
    patterns=(
        ("adapter.URL", "match", "word"),
        ("login.CHANNEL", "fullmatch", "word"),
        ("login.PICTURE", "fullmatch", "word"),
        ("login.WEBHOOK", "fullmatch", "word"),
        ("message._ODD", "sub", "word"),
        ("place.ID", "fullmatch", "word"),
        ("preview.MENTION", "finditer", "body"),
    ),
    scans=(("lookup", "_print", "body"),),
    sign_in=steps.sign_in,
    trials=(
        Kind("create_message", Draft("Coo", settings={**steps.QUIET, "embeds": [steps.CARD]})),
        Kind("create_message", Draft("", settings=steps.POLL)),
        Kind("create_message", Draft("Look", (PHOTO, VIDEO), {"spoiler": True})),
        Kind("create_thread", Draft("Look", (PHOTO,), steps.THREAD), FORUM),
        Kind("execute_webhook", Draft("Look", (PHOTO,)), WEBHOOK),
    ),
    still_right=(
        Right(
            "GET discord.com/api/.*/messages",
            "enlarge query",
            "after",
            f"{SPECIFICATION}, list_messages: any snowflake",
        ),
        Right(
            r"POST discord.com/api/.*/messages",
            "empty body",
            r"allowed_mentions\.parse content embeds embeds\.0\.fields nonce",
            f"{SPECIFICATION}, MessageCreateRequest: no least length",
        ),
        Right(
            "GET discord.com/api/.*/(messages|threads/archived/public)",
            "drop query",
            "after limit",
            f"{SPECIFICATION}, list_messages, list_public_archived_threads: optional",
        ),
        Right(
            r"POST discord.com/api/.*/messages",
            "alter body",
            r"content nonce embeds\.0\.author\.name embeds\.0\.fields\.0\.(name|value)",
            f"{SPECIFICATION}, MessageCreateRequest: free texts",
        ),
        Right(
            r"POST discord.com/api/.*/messages",
            "drop body",
            r"allowed_mentions(\.parse)? content embeds nonce enforce_nonce flags "
            r"embeds\.0\.(author|color|description|fields|footer|image|thumbnail|title|url) "
            r"embeds\.0\.fields\.0\.inline poll\.(allow_multiselect|duration)",
            f"{SPECIFICATION}, MessageCreateRequest: optional; a text, an embed, a file or a poll "
            "is enough",
        ),
        Right(
            "POST discord.com/api/.*",
            "drop body",
            "payload_json",
            "docs.discord.com/developers/reference#uploading-files: files may come without it",
        ),
        Right(
            "POST discord.com/api/.*",
            "drop query",
            "wait",
            "docs.discord.com/developers/resources/webhook#execute-webhook: then the answer is "
            "a 204",
        ),
    ),
)

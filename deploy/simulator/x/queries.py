"""The query parameters of X's calls, in the two dialects of its API document.

A call takes either dialect, never a mixture. `listed` words are those of the documents.
Source: X API v2 OpenAPI documents 2.167 and, for the former dialect, 2.159 (read 2026-11-29).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deploy.simulator.strict import Fits, listed, matching, one_of, wrong

#: The dialects, by the name of the parameter that only they have.
PRESENT, FORMER = "post.fields", "tweet.fields"
_POST = listed(
    "article article_title attachments card_uri community_id context_annotations "
    "conversation_id created_at display_text_range edit_controls entities geo id lang "
    "matched_media_notes media_metadata non_public_metrics note_post note_request_suggestions "
    "organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics "
    "reply_settings scopes source suggested_source_links suggested_source_links_with_counts "
    "text withheld"
)
_TWEET = listed(
    "article attachments author_id card_uri community_id context_annotations conversation_id "
    "created_at display_text_range edit_controls edit_history_tweet_ids entities geo id "
    "in_reply_to_user_id lang media_metadata non_public_metrics note_tweet organic_metrics "
    "possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes "
    "source suggested_source_links suggested_source_links_with_counts text withheld"
)
_USER = (
    "confirmed_email connection_status created_at description entities id is_identity_verified "
    "location name parody profile_banner_url profile_image_url protected public_metrics "
    "receives_your_dm subscription subscription_type url username verified "
    "verified_followers_count verified_type withheld"
)
_USERS = {
    PRESENT: listed(f"{_USER} subscribes_to_you"),
    FORMER: listed(f"{_USER} affiliation most_recent_tweet_id pinned_tweet_id"),
}
_EXPANSIONS = {
    PRESENT: listed(
        "article.cover_media article.media_entities attachments.media_keys "
        "attachments.media_source_tweet attachments.poll_ids author_id edit_history_post_ids "
        "entities.mentions.username geo.place_id in_reply_to_user_id referenced_posts username"
    ),
    FORMER: listed(
        "article.cover_media article.media_entities attachments.media_keys "
        "attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids "
        "entities.mentions.username geo.place_id in_reply_to_user_id "
        "entities.note.mentions.username referenced_tweets.id "
        "referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id"
    ),
}
_OTHERS: Mapping[str, Fits] = {
    "media.fields": listed(
        "alt_text duration_ms height media_key non_public_metrics organic_metrics "
        "preview_image_url promoted_metrics public_metrics type url variants width"
    ),
    "poll.fields": listed("duration_minutes end_datetime id options voting_status"),
    "place.fields": listed(
        "contained_within country country_code full_name geo id name place_type"
    ),
}
_ID = "[0-9]{1,19}"
_FORM = matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def _is_time(value: Any) -> bool:
    try:
        return _FORM(value) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


_TIMELINE: Mapping[str, Fits] = {
    "since_id": matching(_ID),
    "until_id": matching(_ID),
    "max_results": matching("[5-9]|[1-9][0-9]|100"),
    "pagination_token": matching("[0-9a-v]+"),
    "exclude": listed("replies retweets"),
    "start_time": _is_time,
    "end_time": _is_time,
}


def _posts(dialect: str) -> dict[str, Fits]:
    """The parameters that say what is told of posts."""
    return {
        dialect: _POST if dialect == PRESENT else _TWEET,
        "user.fields": _USERS[dialect],
        "expansions": _EXPANSIONS[dialect],
        **_OTHERS,
    }


def _calls(dialect: str) -> dict[str, dict[str, Fits]]:
    """Call → its query parameters. A call that is missing here takes none."""
    posts = _posts(dialect)
    of_me = {
        PRESENT: "affiliation most_recent_post_id pinned_post_id",
        FORMER: "affiliation.user_id most_recent_tweet_id pinned_tweet_id",
    }
    return {
        "get_me": {
            "user.fields": posts["user.fields"],
            dialect: posts[dialect],
            "expansions": listed(of_me[dialect]),
        },
        "get_post": posts,
        "get_posts": {"ids": matching(f"{_ID}(,{_ID}){{0,99}}"), **posts},
        "list_posts": {**_TIMELINE, **posts},
        "media_status": {"command": one_of("STATUS"), "media_id": matching(_ID)},
    }


CALLS = {dialect: _calls(dialect) for dialect in (PRESENT, FORMER)}
#: Parameters without which a call says nothing.
NEEDED = {"get_posts": "ids", "media_status": "media_id"}


def problem_with(call: str, query: Mapping[str, str], dialect: str = "") -> list[str]:
    """The parameters that are wrong or missing; with `dialect`, only this one is known."""
    if missing := {NEEDED.get(call, "")} - {"", *query}:
        return list(missing)
    found = [
        wrong(query, calls.get(call, {})) for name, calls in CALLS.items() if dialect in ("", name)
    ]
    return min(found, key=len)

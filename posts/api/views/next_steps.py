"""Tell an agent what to do next about a post, by what the API answered."""

from collections.abc import Iterator

from posts.api.endpoints import Arguments, Json
from posts.api.serializers.posts.created import WAITS

#: What is not over yet.
UNDER_WAY = ("queued", "publishing")
#: Errors that a retry of the same post may mend without any other act.
RETRY_HELPS = ("missed_schedule", "not_published", "deadline")


def _poll(post_id: str) -> str:
    return (
        f"Call get_results with post_id {post_id} every few seconds until no status is queued or "
        "publishing."
    )


# After making a post


def of_validated(arguments: Arguments, answer: Json) -> str:
    if not answer["data"]["valid"]:
        return "Correct what errors name, or leave those accounts out; nothing was stored."
    return "Nothing was stored. create_post or schedule_post would accept it."


def of_created(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    return _of_waiting(data) if data["message"].startswith(WAITS) else _poll(data["post_id"])


def _of_waiting(data: Json) -> str:
    return (
        f"It is published once it is approved, which is for people: get_approval with post_id "
        f"{data['post_id']} says where it stands."
    )


def of_scheduled(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    if data["message"].startswith(WAITS):
        return _of_waiting(data)
    rule = data.get("recurrence_id")
    if rule:
        return (
            f"get_recurrence with recurrence_id {rule} shows its occurrences; update_recurrence "
            "and delete_recurrence change or end all of them."
        )
    return (
        f"It is published at {data['scheduled_for']}. Until then update_post changes it and "
        f"delete_post cancels it; afterwards get_results with post_id {data['post_id']}."
    )


def of_draft(arguments: Arguments, answer: Json) -> str:
    post_id = answer["data"]["post_id"]
    return f"Nothing is published until publish_draft is called with post_id {post_id}."


def of_published_draft(arguments: Arguments, answer: Json) -> str:
    is_later = answer["data"]["scheduled_for"] and not answer["data"]["publish_now"]
    return of_scheduled(arguments, answer) if is_later else of_created(arguments, answer)


# After publishing


def of_results(arguments: Arguments, answer: Json) -> str:
    """One step for each destination that failed, and one for those under way."""
    rows = answer["data"]
    errors = {each["destination_id"]: each for each in answer["meta"].get("errors", ())}
    steps = [
        step
        for row in rows
        if row["id"] in errors
        for step in _of_failed(arguments["post_id"], row, errors[row["id"]])
    ]
    if any(row["status"] in UNDER_WAY for row in rows):
        steps.append("Not everything is over: call get_results again in a few seconds.")
    if answer["meta"].get("publishing_paused"):
        steps.append(
            "Publishing is paused for those in meta.publishing_paused: they wait, and are "
            "published once it is resumed. Do not make the post again."
        )
    if rows and all(row["status"] == "published" for row in rows):
        steps.append("Everything is published: report each platform_post_url.")
    return " ".join(steps)


def _of_failed(post_id: str, row: Json, error: Json) -> Iterator[str]:
    name = f"{row['id']} ({row['platform']}, {row['account_name']})"
    seen = f'seen_attempts {{"{row["id"]}": {row["attempts"]}}}'
    retry = f"call retry_post with post_id {post_id} and {seen}"
    if error["may_be_live"]:
        yield (
            f"{name} may be live: look at the account itself, or have its owner look. Then call "
            f"resolve_destination with post_id {post_id}, destination_id {row['id']}, "
            f"seen_attempts {row['attempts']} and what was found. If it was not published, {retry} "
            "afterwards."
        )
    elif row["next_retry_at"]:
        yield f"{name} is retried by itself at {row['next_retry_at']}: call get_results then."
    elif error["actor"] == "account_owner":
        yield (
            f"{name}: the account's owner must act. {error['to_do']} get_reconnect_link for "
            f"account_id {row['account_id']} makes a link for that, and get_account_health says "
            f"whether it can publish again. Then {retry}."
        )
    elif error["actor"] == "operator":
        yield f"{name}: this installation's operator must act. {error['to_do']} Then {retry}."
    elif error["error_code"] in RETRY_HELPS or error["actor"] == "nobody":
        yield f"{name}: {error['to_do']} If it is still wanted, {retry}."
    else:
        yield f"{name}: {error['to_do']} What is corrected is a new post, for this account alone."


def of_retried(arguments: Arguments, answer: Json) -> str:
    steps = [_poll(arguments["post_id"])] if answer["data"]["retried_count"] else []
    if answer["meta"].get("skipped"):
        steps.append("meta.skipped says why the others were left out, and how they can be retried.")
    return " ".join(steps) or "Nothing had to be retried; get_results shows what is."


def of_resolved(arguments: Arguments, answer: Json) -> str:
    row = answer["data"]
    if row["status"] == "published":
        return "It counts as published: report its platform_post_url."
    return (
        f"It counts as not published. To publish it, call retry_post with post_id "
        f'{arguments["post_id"]} and seen_attempts {{"{row["id"]}": {row["attempts"]}}}.'
    )


def of_deleted(arguments: Arguments, answer: Json) -> str:
    if answer["data"]["deleted"]:
        return ""
    return "It is not deleted yet: call delete_post again with the same arguments for the outcome."

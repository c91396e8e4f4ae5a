"""What an agent does next, in words, by what the API answered; blank if nothing follows."""

from collections.abc import Iterator, Mapping
from typing import Any

from posts.api.serializers.posts.created import WAITS

Json = Mapping[str, Any]
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


def of_validated(arguments: Json, answer: Json) -> str:
    if not answer["data"]["valid"]:
        return "Correct what errors name, or leave those accounts out; nothing was stored."
    return "Nothing was stored. create_post or schedule_post would accept it."


def of_warned(answer: Json) -> str:
    """Of any answer that foresees a failure."""
    if not answer["meta"].get("warnings"):
        return ""
    return "Tell the user what meta.warnings says: those accounts will fail unless it is mended."


def of_created(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    return _of_waiting(data) if data["message"].startswith(WAITS) else _poll(data["post_id"])


def _of_waiting(data: Json) -> str:
    return (
        f"It is published once it is approved, which is for people: get_approval with post_id "
        f"{data['post_id']} says where it stands."
    )


def of_scheduled(arguments: Json, answer: Json) -> str:
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


def of_draft(arguments: Json, answer: Json) -> str:
    post_id = answer["data"]["post_id"]
    return f"Nothing is published until publish_draft is called with post_id {post_id}."


def of_published_draft(arguments: Json, answer: Json) -> str:
    is_later = answer["data"]["scheduled_for"] and not answer["data"]["publish_now"]
    return of_scheduled(arguments, answer) if is_later else of_created(arguments, answer)


# After publishing


def of_results(arguments: Json, answer: Json) -> str:
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


def of_retried(arguments: Json, answer: Json) -> str:
    steps = [_poll(arguments["post_id"])] if answer["data"]["retried_count"] else []
    if answer["meta"].get("skipped"):
        steps.append("meta.skipped says why the others were left out, and how they can be retried.")
    return " ".join(steps) or "Nothing had to be retried; get_results shows what is."


def of_resolved(arguments: Json, answer: Json) -> str:
    row = answer["data"]
    if row["status"] == "published":
        return "It counts as published: report its platform_post_url."
    return (
        f"It counts as not published. To publish it, call retry_post with post_id "
        f'{arguments["post_id"]} and seen_attempts {{"{row["id"]}": {row["attempts"]}}}.'
    )


def of_deleted(arguments: Json, answer: Json) -> str:
    if answer["data"]["deleted"]:
        return ""
    return "It is not deleted yet: call delete_post again with the same arguments for the outcome."


def of_links(arguments: Json, answer: Json) -> str:
    if answer["data"]["links"]:
        return ""
    return "It has no short links: a post gets them with shorten_links, or by the link settings."


# Approval


def of_approval(arguments: Json, answer: Json) -> str:
    data, post_id = answer["data"], arguments["post_id"]
    if data["approval"]["status"] == "pending":
        return (
            f"It waits for people. If the user has decided, call decide_approval with post_id "
            f"{post_id}, revision {data['revision']} and the decision."
        )
    return of_reviewed(arguments, answer)


def of_reviewed(arguments: Json, answer: Json) -> str:
    data, post_id = answer["data"], arguments["post_id"]
    return {
        "none": f"No approval was asked for: request_approval with post_id {post_id} does that.",
        "pending": (
            f"It is not published until it is approved ({data['approval']['stage']}): tell the "
            f"user. get_approval with post_id {post_id} says where it stands."
        ),
        "approved": _of_approved(data, post_id),
        "changes_requested": (
            "Change it as the comment says, with update_post; it then waits for approval again."
        ),
        "rejected": "It is not published. request_approval asks anew, if the user wants that.",
    }[data["approval"]["status"]]


def _of_approved(data: Json, post_id: str) -> str:
    if data["post_status"] == "draft":
        return f"It is a draft: publish_draft with post_id {post_id} says when it is published."
    return (
        f"It is published at its time: get_results with post_id {post_id} says what became of it."
    )


# Posts that come again, and those of files and feeds


def of_recurrence(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if data["problem"]:
        return f"The next occurrence could not be made: {data['problem']['message']}"
    return f"Its next occurrence is at {data['next_at']}." if data["next_at"] else ""


def of_recycling(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if not data["enabled"]:
        return "It is not published again."
    return f"Its next turn is at {data['next_at']}." if data["next_at"] else ""


def of_import_check(arguments: Json, answer: Json) -> str:
    if "import_id" in answer["data"]:
        return _poll_import(answer["data"])
    if answer["data"]["invalid"]:
        return "Correct the rows whose results have errors; nothing was stored."
    return "Nothing was stored. import_posts would make a post of each row."


def of_import(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if "import_id" in data:
        return _poll_import(data)
    new = data["valid"] - data["existing"]
    made = f"{new} rows are new, {data['existing']} were there already"
    told = f"{made}: get_results says what became of each post."
    steps = [told] if data["valid"] else ["No row was imported."]
    if data["invalid"]:
        steps.append(
            "Correct the rows whose results have errors, and call import_posts again with the "
            "whole text: those that have a post are not imported again."
        )
    return " ".join(steps)


def of_import_progress(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if data["status"] == "processing":
        return _poll_import(data)
    if data["invalid"]:
        return f"Refused rows: {data['invalid']}. With ok: false they are listed with their errors."
    return ""


def _poll_import(data: Json) -> str:
    return (
        f"Workers do it: call get_import with import_id {data['import_id']} every few seconds "
        "until its status is no longer processing."
    )


def of_feed(arguments: Json, answer: Json) -> str:
    if answer["data"]["enabled"]:
        return "It is read by itself; list_feeds says if that fails."
    return "It is switched off: update_feed with enabled: true has it read."


def of_calendar_feed(arguments: Json, answer: Json) -> str:
    return (
        "Hand the url to the user, who subscribes to it in a calendar program; it is not shown "
        "again. An operator revokes it in the admin."
    )


# What posts need


def of_accounts(arguments: Json, answer: Json) -> str:
    found = answer["data"]["accounts"]
    broken = [str(each["id"]) for each in found if not each["health"]["can_post"]]
    if not broken:
        return ""
    return f"These cannot publish now: {', '.join(broken)}. get_account_health says why."


def of_health(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if data["needs_reconnection"]:
        return (
            "Its owner must reconnect it: get_reconnect_link makes a link to hand over. Then call "
            "retry_post for what has failed."
        )
    return ""


def of_reconnect_link(arguments: Json, answer: Json) -> str:
    return "Hand the link to the account's owner; get_account_health says when it is done."


def of_imported(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    return of_media(arguments, {"data": {**data, "id": data["media_id"]}})


def of_media(arguments: Json, answer: Json) -> str:
    data = answer["data"]
    if data["media_status"] == "uploading":
        return f"Call get_media with media_id {data['id']} every few seconds until it is ready."
    if data["media_status"] == "failed":
        return "Import it again, or another file, with import_media_from_url."
    return ""

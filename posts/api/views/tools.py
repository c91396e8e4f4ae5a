"""What agents see of posts: the tools of the operations beside."""

from posts import content
from posts.api.endpoints import Tool
from posts.api.views import next_steps

CONTENT = content.names("tools")
#: What is checked of a post before it is made.
CHECKED = (*CONTENT, "scheduled_at", "timezone")
FOR_ACCOUNTS = ("content", "account_ids")

LIST_POSTS = Tool(
    description="List posts that match every filter, newest first: by status, network, account, "
    "campaign, times and words of the text. meta.pagination says whether there are more.",
    hides=("created_after", "created_before", "updated_after"),
)
GET_POST = Tool(description="Read one post: its text, files, time, status and destinations.")
GET_RESULTS = Tool(
    name="get_results",
    description="Say for each account what became of a post: its status, public link "
    "(platform_post_url) and error, with who must act in meta.errors. Poll it after publishing, "
    "every few seconds, until no status is queued or publishing.",
    next_step=next_steps.of_results,
)
VALIDATE_POST = Tool(
    description="Check what each network would refuse of a post before it is made: text, files, "
    "options and the account's health. Stores and publishes nothing.",
    takes=CHECKED,
    required=FOR_ACCOUNTS,
    next_step=next_steps.of_validated,
)
CREATE_POST = Tool(
    title="Publish a post now",
    description="Publish a post now to each account of account_ids (ids of list_accounts). Only "
    "what the user has agreed to: it is public within seconds. Answers at once with a post_id, "
    "before the networks have it: poll get_results.",
    takes=CONTENT,
    required=FOR_ACCOUNTS,
    fixed={"publish_now": True},
    open_world=True,
    next_step=next_steps.of_created,
)
SCHEDULE_POST = Tool(
    name="schedule_post",
    title="Schedule a post",
    description="Make a post that is published at scheduled_at, or in the next free slot of a "
    "posting queue with use_queue: true (get_next_slot says which that is). One of the two is "
    "needed. With recurrence it comes again by that rule, from scheduled_at on. update_post "
    "changes it and delete_post cancels it until it begins.",
    hides=("draft", "publish_now", "scheduled_for", "hashtags_in", "use_defaults", "recycling"),
    required=FOR_ACCOUNTS,
    one_of=("scheduled_at", "use_queue"),
    open_world=True,
    next_step=next_steps.of_scheduled,
)
CREATE_DRAFT = Tool(
    name="create_draft",
    title="Save a draft",
    description="Keep a post as a draft, which is not published until publish_draft says when. It "
    "may have no accounts yet.",
    takes=(*CONTENT, "timezone"),
    fixed={"draft": True},
    next_step=next_steps.of_draft,
)
PUBLISH_DRAFT = Tool(
    name="publish_draft",
    title="Publish or schedule a draft",
    description="Publish a draft: now with publish_now: true, at scheduled_at, or in the next "
    "free slot of a posting queue with use_queue: true. A draft can be published once: the same "
    "call again is a conflict and publishes nothing.",
    hides=("scheduled_for",),
    one_of=("publish_now", "scheduled_at", "use_queue"),
    open_world=True,
    next_step=next_steps.of_published_draft,
)
UPDATE_POST = Tool(
    name="update_post",
    title="Change a post",
    description="Change a draft, or a post that has not begun: only the fields given, each "
    "replaced as a whole.",
    takes=("post_id", *CHECKED),
    open_world=True,
)
DELETE_POST = Tool(
    title="Cancel or delete a post",
    description="Delete a draft, or cancel a post that has not begun, for good. One that is public "
    "somewhere is deleted only with delete_on_platforms, which also takes the public copies off "
    "those networks: ask the user before you do. A copy that is still `deleting` in the answer "
    "takes longer: the same call again tells the outcome. If an answer was lost, not_found says "
    "that the post is gone.",
    open_world=True,
    next_step=next_steps.of_deleted,
)
RETRY_POST = Tool(
    title="Retry failed destinations",
    description="Publish failed destinations of a post again. seen_attempts has the destinations "
    "to retry, by id, each with the `attempts` that get_results showed: one that was tried since "
    "is skipped, so the same call again sends nothing twice. A destination that may be live is "
    "skipped too, unless confirm_not_published is true: say so only after a look at the account "
    "itself. meta.skipped names what was skipped.",
    hides=("account_ids",),
    required=("seen_attempts",),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_retried,
)
RESOLVE_DESTINATION = Tool(
    title="Say whether a destination was published",
    description="For a failed destination that may be live: record what a look at the account "
    "itself showed. outcome published needs platform_post_url, which the network is asked about; "
    "after not_published it can be retried. seen_attempts is its `attempts` of get_results. Never "
    "guess: a wrong not_published leads to a second public post.",
    required=("seen_attempts",),
    destructive=True,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_resolved,
)

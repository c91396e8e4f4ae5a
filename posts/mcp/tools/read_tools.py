"""Tools that read posts and what became of them."""

from posts.mcp import next_steps
from posts.mcp.tools.tool import Tool

LIST_POSTS = Tool(
    name="list_posts",
    title="List posts",
    operation="list_posts",
    description=(
        "List posts that match every filter, newest first: by status, network, account, campaign, "
        "times and words of the text. meta.pagination says whether there are more."
    ),
    takes=(
        "status",
        "platform",
        "account_id",
        "campaign_id",
        "search",
        "scheduled_after",
        "scheduled_before",
        "published_after",
        "published_before",
        "sort",
        "order",
        "limit",
        "offset",
    ),
    reads=True,
)
GET_POST = Tool(
    name="get_post",
    title="Get a post",
    operation="get_post",
    description="Read one post: its text, files, time, status and destinations.",
    takes=("post_id",),
    reads=True,
)
GET_RESULTS = Tool(
    name="get_results",
    title="Get a post's results",
    operation="get_post_results",
    description=(
        "Say for each account what became of a post: its status, public link (platform_post_url) "
        "and error, with who must act in meta.errors. Poll it after publishing, every few seconds, "
        "until no status is queued or publishing."
    ),
    takes=("post_id",),
    reads=True,
    next_step=next_steps.of_results,
)
LIST_POST_LINKS = Tool(
    name="list_post_links",
    title="List a post's short links",
    operation="list_post_links",
    description="List a post's short links: where each leads, and how often it was followed.",
    takes=("post_id",),
    reads=True,
    next_step=next_steps.of_links,
)
GET_ANALYTICS_SUMMARY = Tool(
    name="get_analytics_summary",
    title="Count posts and outcomes",
    operation="get_analytics_summary",
    description=(
        "Count the posts created in a period, and their destinations, by what they are now; for "
        "one campaign if given."
    ),
    takes=("period", "from", "to", "campaign_id"),
    reads=True,
)
READING = (LIST_POSTS, GET_POST, GET_RESULTS, LIST_POST_LINKS, GET_ANALYTICS_SUMMARY)

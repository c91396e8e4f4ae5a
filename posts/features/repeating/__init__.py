"""Posts that come again: by a rule (`recurrences`), or after they were published (`recycling`).

Each time is a new post, made through `posts.composing` as the API makes posts; none is ever sent
again. A row claims each occurrence of a rule (`Occurrence`) and each turn of a recycled post
(`RecycledPost`), unique in the database and written in the transaction that stores the post. So two
processes that do the same at once, or one that dies anywhere, make one post.

Only what lies ahead is made. What came due while nothing ran is noted as missed, so that nothing is
published late by surprise.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Make repeating posts": PeriodicTask(
        "posts.repeat",
        10,
        "Makes the posts of recurrences, 90 days ahead, and of recycled posts.",
        queue="refresh",
        runs=(
            "posts.features.repeating.materialise.run",
            "posts.features.repeating.recycled_posts.run",
        ),
        when="EXISTS (SELECT FROM posts_recurrence WHERE look_at <= statement_timestamp())"
        " OR EXISTS (SELECT FROM posts_recycling WHERE look_at <= statement_timestamp())",
    ),
}
#: On call may stop what should not go on.
RIGHTS = {"posts.recurrence": ("view", "change"), "posts.recycling": ("view", "change")}

"""Posts as calendars that calendar programs subscribe to, at secret addresses."""

from posts.features import PeriodicTask

PERIODIC = {
    "Forget calendar events": PeriodicTask(
        "posts.forget_calendar_events",
        60 * 60,
        "Deletes cancelled events of calendar feeds after 30 days.",
        queue="refresh",
        runs=("posts.features.calendar_feeds.cancelled.forget",),
    ),
}
#: On call may stop what should not go on.
RIGHTS = {"posts.calendarfeed": ("view", "change")}

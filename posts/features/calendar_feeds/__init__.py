"""Posts as calendars that calendar programs subscribe to, at secret addresses."""

from posts.features import PeriodicTask

PERIODIC = {
    "Forget calendar events": PeriodicTask(
        "posts.forget_calendar_events",
        "refresh",
        60 * 60,
        "Deletes cancelled events of calendar feeds after 30 days.",
    ),
}
#: On call may stop what should not go on.
RIGHTS = {"posts.calendarfeed": ("view", "change")}

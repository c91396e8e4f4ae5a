"""Endpoints of what plans posts: campaigns, queues, feeds, recurrences, calendars."""

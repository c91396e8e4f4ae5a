"""What plans posts: campaigns, queues, feeds, recurrences, calendars."""

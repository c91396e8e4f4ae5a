"""What makes posts later: queues, rules, feeds and imports."""

"""From an event in the outbox to a receiver's answer in the log."""

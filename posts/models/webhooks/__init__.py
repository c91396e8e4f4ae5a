"""Where events are sent, the events, and their deliveries."""

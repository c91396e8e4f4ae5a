"""What concerns a workspace's accounts and passes by itself: networks that are down, and were."""

"""The endpoints of posting queues."""

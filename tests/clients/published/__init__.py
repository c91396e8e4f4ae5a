"""The original service's clients, as published, against a running stack's compatibility mount."""

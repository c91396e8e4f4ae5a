"""Tell customers which networks are, or were, down for their accounts."""

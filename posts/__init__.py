"""Who is writing, and what they wrote."""

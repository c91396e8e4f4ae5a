"""Who may call the API, and what they called."""

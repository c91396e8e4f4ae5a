"""Files and how they are uploaded."""

"""Make the post of a row: its accounts, its files, and the note that it was made."""

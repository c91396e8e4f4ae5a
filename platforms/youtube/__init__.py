"""YouTube: videos and Shorts. Imports no other network."""

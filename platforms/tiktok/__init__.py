"""TikTok: videos and photos. Imports no other network."""

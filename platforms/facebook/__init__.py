"""Facebook Pages: posts, photos, videos, reels, stories. Imports no other network."""

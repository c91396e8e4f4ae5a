"""Instagram: images, carousels, reels, stories. Imports no other network."""

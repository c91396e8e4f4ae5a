"""What Facebook, Instagram and Threads share. Imports none of the three."""

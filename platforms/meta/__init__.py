"""Share code among Facebook, Instagram and Threads. Imports none of the three."""

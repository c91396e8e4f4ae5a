"""Flower, for the hosts it is meant for: about posts instead of ticks, with ways to the admin."""

"""Posts in every state live through an upgrade from the last release.

Not collected by pytest. Runs the release's own code on its own dependencies; no logic of the
product.
"""

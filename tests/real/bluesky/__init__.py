"""Bluesky: the reference server of accounts with its directory, beside the simulator.

The app (profiles, numbers, quoted posts) and the video service are no part of that server and no
package: what Dovecote asks of them is proven on the simulator alone.
"""

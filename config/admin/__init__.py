"""The operators' site: its overview and sidebar, and how other packages' models look in it.

No models of ours: each app registers its own.
"""

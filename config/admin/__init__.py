"""The operators' site, its overview and sidebar, and other packages' models in its looks."""

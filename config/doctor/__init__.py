"""`manage.py doctor`: finds what is wrong with an installation, and says how to mend it.

A module per part of the installation. It only looks, but for one small file that it stores, fetches
and deletes again.
"""

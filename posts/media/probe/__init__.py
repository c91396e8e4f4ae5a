"""Readers of each type of file. They run in the sandbox: no Django, no network, no database.

Modules of one picture format list its parts without decoding the picture: parts are counted before
a decoder reads them, and those that reveal the person or the device are known.
"""

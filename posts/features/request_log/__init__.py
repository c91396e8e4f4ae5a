"""The log of API requests: who called what, when, and how it was answered.

`recorder` takes each request in memory, `retention` deletes the rows that are old.
"""

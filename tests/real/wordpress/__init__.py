"""WordPress itself, from Debian's packages, on PHP's own web server and MariaDB.

It starts without pretty links on one of its two hosts, so that both forms of its API are played.
"""

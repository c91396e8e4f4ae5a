"""The product's settings as in production, and three views that do nothing."""

import os

os.environ.update(
    SECRET_KEY="bench",
    CREDENTIAL_KEYS="MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    DEBUG="false",
    SECURE_SSL_REDIRECT="false",
    LOG_FORMAT="json",
    LOG_LEVEL="INFO",
    # Counted, and never reached.
    RATE_LIMIT_REQUESTS="600000/min,10000000/h,100000000/day",
    RATE_LIMIT_POSTS="600000/min,10000000/h,100000000/day",
)

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.floor_urls"

"""Real processes under faults. What is run here finds secrets, unless it has its own."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-chaos")
os.environ.setdefault("CREDENTIAL_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")

"""`python -m config.observability.health`, for containers without a port and for operators."""

import os
import sys

import django


def main() -> int:
    # First of all: what follows needs Django's models.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config.observability import probes

    return probes.main(*sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

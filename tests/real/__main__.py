"""`python -m tests.real`: all cases on all real servers that can be had here, and the table."""

import sys

import pytest

from tests import programs

#: What installing a server runs, and servers that Debian has.
NEEDED = ("g++", "make", "npm", "snac", "mariadbd", "php")


def main() -> int:
    programs.main(NEEDED)
    print("Servers that are not below .dovecote/real yet are installed first.", flush=True)
    # A case waits for its server more than it computes.
    return pytest.main(["-q", "-n", "3", "tests/real", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())

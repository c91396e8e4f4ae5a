"""The command line: `dovecote`."""

import sys

MISSING = "The command line needs two more packages: pip install 'dovecote-client[cli]'"


def main() -> None:
    try:
        from dovecote.cli import app
    except ModuleNotFoundError as missing:
        if missing.name not in ("rich", "typer"):
            raise
        sys.exit(MISSING)
    sys.exit(app.run())


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Set the database of compose back to a moment: deploy/recover.sh '2026-11-26 09:00:00+00'
#
# Without a time: to the last moment that is archived. It stops everything, recovers, marks what may
# have been published since, and starts everything. Needs compose.archive.yaml in COMPOSE_FILE
# (deploy/README.md, "Point-in-time recovery", which says how to do it without compose).
set -euo pipefail
cd "$(dirname "$0")"
compose() { docker compose "$@"; }

[[ $(compose config postgres) == *archive_command=* ]] ||
    { echo "The database is not archived: COMPOSE_FILE in deploy/.env has no compose.archive.yaml." >&2; exit 1; }
compose stop web worker uploader beat flower postgres
# The image makes the folder above the data as root, and the recovery puts the new data there, beside the old.
# shellcheck disable=SC2016 # PGDATA is the container's.
compose run --rm --no-deps -T --user root postgres sh -c 'install -d -o postgres "$(dirname "$PGDATA")"'
compose run --rm --no-deps -T --user postgres postgres /opt/dovecote/recover /archive "$@"
compose up -d --wait postgres valkey
compose run --rm --no-deps -T worker python manage.py migrate --noinput --verbosity 0
# Before any worker starts: what may have gone out since then must not go out again.
compose run --rm --no-deps -T worker python manage.py database_restored
compose up -d

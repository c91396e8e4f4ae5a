#!/usr/bin/env bash
# Put a backup back in place of what is there: deploy/restore.sh FOLDER
#
# With compose: it stops everything, restores, and starts everything. Elsewhere stop web, workers,
# uploaders and beat yourself, set what backup.sh needs and the settings that manage.py needs, run it
# in the top folder, and start them after it. REDIS_URL must answer: it remembers what was sent.
# The database is replaced in one transaction: if that fails, it stays as it is.
set -euo pipefail
here=$(dirname "$0")
folder=${1:?give the folder that backup.sh has written}
# There it reads .env, and COMPOSE_FILE in it.
compose() { (cd "$here" && docker compose "$@"); }

if [ -n "${DATABASE_URL:-}" ]; then
    to_database() { psql --no-psqlrc "$@" "$DATABASE_URL"; }
    to_sql() { pg_restore --no-owner --file - "$folder/database.dump"; }
    to_files() { tar -C "${MEDIA_ROOT:?set it: the backup has files}" -xf -; }
    manage() { "${PYTHON:-python}" manage.py "$@"; }
else
    compose stop web worker uploader beat flower
    compose up -d --wait postgres valkey
    to_database() { compose exec -T postgres psql --no-psqlrc -U dovecote "$@" dovecote; }
    to_sql() { compose exec -T postgres pg_restore --no-owner --file - <"$folder/database.dump"; }
    to_files() { compose run --rm --no-deps -T web tar -C /var/lib/dovecote/media -xf -; }
    manage() { compose run --rm --no-deps -T worker python manage.py "$@"; }
fi

others="SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
[ "$(to_database -Atc "$others")" = 0 ] || { echo "The database is in use: stop web, workers and beat." >&2; exit 1; }

{
    # Else it names all that was there.
    echo "SET client_min_messages = warning;"
    echo "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    to_sql
} | to_database --quiet --single-transaction --set ON_ERROR_STOP=1 --output /dev/null --file -
[ ! -e "$folder/media.tar" ] || to_files <"$folder/media.tar"
manage migrate --noinput --verbosity 0
# Before any worker starts: what may have gone out since the backup must not go out again.
manage database_restored
[ -n "${DATABASE_URL:-}" ] || compose up -d
echo "Restored from $folder."

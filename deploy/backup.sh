#!/usr/bin/env bash
# Back up the database and the files while everything runs: deploy/backup.sh FOLDER
#
# With compose. Elsewhere set DATABASE_URL, and MEDIA_ROOT unless files are in a bucket; pg_dump must
# not be older than the server. The secrets (deploy/.env) are not in it: keep them somewhere else.
set -euo pipefail
here=$(dirname "$0")
umask 077
folder=${1:?give the folder to write to}
# There it reads .env, and COMPOSE_FILE in it.
compose() { (cd "$here" && docker compose "$@"); }
# What tar says of files that were deleted while it read them.
deleted_meanwhile() { [ "$1" = 1 ]; }

mkdir -p "$folder"
# The database first: files stored later have no row in the dump, and no row in it lacks its file.
if [ -n "${DATABASE_URL:-}" ]; then
    pg_dump --format custom --file "$folder/database.part" "$DATABASE_URL"
    [ -z "${MEDIA_ROOT:-}" ] || tar -C "$MEDIA_ROOT" -cf "$folder/media.part" . || deleted_meanwhile $?
else
    compose exec -T postgres pg_dump --format custom -U dovecote dovecote >"$folder/database.part"
    compose exec -T web tar -C /var/lib/dovecote/media -cf - . >"$folder/media.part" || deleted_meanwhile $?
fi
# Each file gets its final name only when it is complete.
mv "$folder/database.part" "$folder/database.dump"
[ ! -e "$folder/media.part" ] || mv "$folder/media.part" "$folder/media.tar"
echo "Backed up to $folder."

#!/usr/bin/env bash
# Put back the files that deploy/backup-media.sh has saved: deploy/restore-media.sh FOLDER
#
# With compose; elsewhere set MEDIA_ROOT. Files that are there stay as they are: a file never changes.
set -euo pipefail
folder=${1:?give the folder that backup-media.sh has written}
media() {
    if [ -n "${MEDIA_ROOT:-}" ]; then
        tar -C "$MEDIA_ROOT" "$@"
    else
        (cd "$(dirname "$0")" && docker compose run --rm --no-deps -T web tar -C /var/lib/dovecote/media "$@")
    fi
}

full=$(find "$folder" -maxdepth 1 -name '2*.full.tar' -printf '%f\n' | sort | tail -n 1)
[ -n "$full" ] || { echo "$folder has no archive of everything." >&2; exit 1; }
find "$folder" -maxdepth 1 -name '2*.tar' -printf '%f\n' | sort | awk -v full="$full" '$0 >= full' | while read -r name; do
    media --skip-old-files -xf - <"$folder/$name"
    echo "Put back $name."
done

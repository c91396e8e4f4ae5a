#!/usr/bin/env bash
# Save the uploaded files that are new since the last time: deploy/backup-media.sh FOLDER
#
# With compose; elsewhere set MEDIA_ROOT. The first run and one a week saves everything (….full.tar),
# the others what is new (….new.tar). What is older than KEEP_DAYS (14) is removed once a full archive
# of that age is there. Put them back with deploy/restore-media.sh. Files in a bucket are not in it.
set -euo pipefail
umask 077
folder=${1:?give the folder to write to}
now=$(date -u +%Y%m%dT%H%M%SZ)
ago() { date -u -d "$1 days ago" +%Y%m%dT%H%M%SZ; }
archives() { find "$folder" -maxdepth 1 -name "2*${1:-}.tar" -printf '%f\n' | sort; }
media() {
    local code=0
    if [ -n "${MEDIA_ROOT:-}" ]; then
        tar -C "$MEDIA_ROOT" "$@" . || code=$?
    else
        (cd "$(dirname "$0")" && docker compose exec -T web tar -C /var/lib/dovecote/media "$@" .) || code=$?
    fi
    # 1: a file was deleted meanwhile, as files are.
    [ "$code" -le 1 ] || exit "$code"
}

mkdir -p "$folder"
last_full=$(archives .full | tail -n 1)
last=$(archives | tail -n 1)
if [ -z "$last_full" ] || [[ $last_full < $(ago 7) ]]; then
    kind=full
    media -cf - >"$folder/.part"
else
    kind=new
    # The minute before, too: clocks differ.
    since=$(sed -E 's/^(....)(..)(..T..)(..)(..Z).*/\1-\2-\3:\4:\5/' <<<"$last")
    media --newer "@$(($(date -u -d "$since" +%s) - 60))" -cf - >"$folder/.part"
fi
sync "$folder/.part"
mv "$folder/.part" "$folder/$now.$kind.tar"

needed=$(archives .full | awk -v since="$(ago "${KEEP_DAYS:-14}")" '$0 < since' | tail -n 1)
archives | awk -v needed="$needed" '$0 < needed' | while read -r name; do rm "$folder/$name"; done
echo "Saved $folder/$now.$kind.tar."

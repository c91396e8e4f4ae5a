#!/usr/bin/env bash
# Write deploy/.env for a host name, with new secrets: deploy/new-env.sh dovecote.example.com
# Needs openssl. Nothing that is there already is overwritten.
set -euo pipefail
umask 077
host=${1:?give the host name that customers use, such as dovecote.example.com}
folder=$(cd "$(dirname "$0")" && pwd)
file=${2:-$folder/.env}
[ ! -e "$file" ] || { echo "$file exists: it may hold the only key to the accounts' credentials." >&2; exit 1; }

password=$(openssl rand -hex 24)
broker=$(openssl rand -hex 24)
sed \
    -e "s|^SECRET_KEY=.*|SECRET_KEY=$(openssl rand -hex 48)|" \
    -e "s|^CREDENTIAL_KEYS=.*|CREDENTIAL_KEYS=$(openssl rand -base64 32 | tr '+/' '-_')|" \
    -e "s|^PUBLIC_URL=.*|PUBLIC_URL=https://$host|" \
    -e "s|^ALLOWED_HOSTS=.*|ALLOWED_HOSTS=$host|" \
    -e "s|^POSTGRES_PASSWORD=.*|POSTGRES_PASSWORD=$password|" \
    -e "s|^DATABASE_URL=.*|DATABASE_URL=postgres://dovecote:$password@postgres/dovecote|" \
    -e "s|^REDIS_PASSWORD=.*|REDIS_PASSWORD=$broker|" \
    -e "s|^REDIS_URL=.*|REDIS_URL=redis://:$broker@valkey:6379/0|" \
    -e "s|^#METRICS_TOKEN=.*|METRICS_TOKEN=$(openssl rand -hex 24)|" \
    "$folder/env.example" >"$file"
echo "Wrote $file. Keep a copy where you keep passwords: without CREDENTIAL_KEYS no account can be used."

#!/bin/sh
# PgBouncer serves one role, with its password from the environment.
set -eu
case "${APP_PASSWORD:?}" in
  *[!0-9A-Za-z]*) echo 'APP_PASSWORD must be letters and digits' >&2; exit 1 ;;
esac
umask 077
printf '"back_app" "%s"\n' "$APP_PASSWORD" > /tmp/userlist.txt
exec /usr/sbin/pgbouncer "${1:-/etc/back/pgbouncer.ini}"

#!/bin/sh
# Runs user.sql for each application; /etc/applications has a folder of each, with its secret.
set -eu
for application in /etc/applications/*; do
  sed \
    -e "s/:schema/$(cat "$application/schema")/" \
    -e "s/:username/$(cat "$application/username")/" \
    -e "s/:password/$(cat "$application/password")/" \
    /etc/database-users/user.sql |
    mysql --host="$DATABASE_HOST" --port="$DATABASE_PORT" --user="$DATABASE_USER" \
      --ssl-mode=VERIFY_IDENTITY --ssl-ca=/etc/database-ca/ca.crt --connect-timeout=10
  echo "$(basename "$application"): schema and user are there"
done

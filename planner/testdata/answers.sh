#!/bin/sh
# Writes answers.golden: the tables of answers.sql, then each of its queries with PostgreSQL 15's answer.
# Usage: answers.sh [psql arguments], for example: answers.sh -h 127.0.0.1 -p 55432 -U postgres
cd "$(dirname "$0")" || exit 1
db=planner_answers_$$
psql -X -q "$@" -d postgres -c "create database $db" || exit 1
sed '/^-- queries/,$d' answers.sql | psql -X -q -v ON_ERROR_STOP=1 "$@" -d $db
{
  for t in users orders notes clicks bids; do
    echo "table $t"
    psql -X -q -A -t -P null='~' "$@" -d $db -c "set timezone = 'UTC'" -c "select * from $t order by ctid"
    echo
  done
  sed '1,/^-- queries/d' answers.sql | while IFS= read -r q; do
    case "$q" in ''|--*) continue ;; esac
    echo "${q%% ==> *}" # ours; PostgreSQL has no TUMBLE: what stands behind the arrow is its equivalent
    echo "----"
    psql -X -q -A -t -P null='~' "$@" -d $db -c "set timezone = 'UTC'" -c "${q##* ==> }"
    echo
  done
} > answers.golden
psql -X -q "$@" -d postgres -c "drop database $db"

#!/usr/bin/env bash
# Real input by a real client: 231,083 flights of the npm package vega-datasets, produced with kcat into a topic of four
# partitions, a view by distance bucket, and the same query in PostgreSQL 15: the results must be equal row by row.
#
#   run.sh STREAMSQL_BINARY            on the embedded broker
#   run.sh STREAMSQL_BINARY HOST:PORT  on the Kafka cluster there
#
# Needs kcat, psql, initdb and pg_ctl of PostgreSQL 15, npm and node. Ends with "N passed, M failed".
set -euo pipefail
bin=$(realpath "$1")
brokers=${2:-}
tmp=$(mktemp -d)
pgbin=/usr/lib/postgresql/15/bin
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  [ ! -f "$tmp/pg/postmaster.pid" ] || as_postgres "$pgbin/pg_ctl" -D "$tmp/pg" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$tmp"
}
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
trap cleanup EXIT

# the data: one record a line
cache=${FLIGHTS_CACHE:-$tmp}
if [ ! -s "$cache/flights.ndjson" ]; then
  (cd "$tmp" && npm pack --silent vega-datasets@2.11.0 >/dev/null && tar xzf vega-datasets-2.11.0.tgz package/data/flights-200k.json)
  node -e 'const fs=require("fs");fs.writeFileSync(process.argv[2],JSON.parse(fs.readFileSync(process.argv[1])).map(r=>JSON.stringify(r)).join("\n")+"\n")' \
    "$tmp/package/data/flights-200k.json" "$cache/flights.ndjson"
fi
records=$(wc -l <"$cache/flights.ndjson")

# the server
args=(--data-dir "$tmp/data" --listen 127.0.0.1:0 --http-listen 127.0.0.1:0 --kafka-listen 127.0.0.1:0 --log-level warn)
[ -z "$brokers" ] || args+=(--brokers "$brokers")
"$bin" serve "${args[@]}" >"$tmp/out" 2>"$tmp/log" &
server=$!
for _ in $(seq 1 300); do
  grep -q 'psql "host=' "$tmp/out" && break
  kill -0 "$server" 2>/dev/null || { cat "$tmp/log" >&2; exit 1; }
  sleep 0.1
done
port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$tmp/out")
kafka=$(sed -n 's/.*Kafka at \([^;]*\);.*/\1/p' "$tmp/out")
q() { psql -X -h 127.0.0.1 -p "$port" -U streamsql -d streamsql -v ON_ERROR_STOP=1 -At "$@"; }

topic=flights_$$
q -q -c "CREATE STREAM flights (delay INT, distance INT, time DOUBLE) WITH (kafka_topic = '$topic', value_format = 'json', partitions = 4)" \
  -c "CREATE MATERIALIZED VIEW by_distance AS SELECT distance / 100 AS bucket, count(*) AS flights, avg(delay) AS average, max(delay) AS latest FROM flights GROUP BY distance / 100"

start=$(date +%s.%N)
kcat -P -b "$kafka" -t "$topic" -p -1 -z lz4 -l "$cache/flights.ndjson"
for _ in $(seq 1 600); do
  seen=$(q -c "SELECT coalesce(sum(flights), 0) FROM by_distance")
  [ "$seen" -lt "$records" ] || break
  sleep 0.1
done
echo "$records records by kcat through $kafka, in the view after $(echo "$(date +%s.%N) - $start" | bc) s"
q -c "SELECT bucket, flights, average, latest FROM by_distance ORDER BY bucket" >"$tmp/ours"

# the oracle
mkdir "$tmp/pg"
chmod 755 "$tmp"
[ "$(id -u)" != 0 ] || chown postgres "$tmp/pg"
as_postgres "$pgbin/initdb" -D "$tmp/pg" -A trust -U postgres --locale=C -E UTF8 >/dev/null
pgport=$((20000 + $$ % 20000))
as_postgres "$pgbin/pg_ctl" -D "$tmp/pg" -o "-p $pgport -k /tmp -c listen_addresses=127.0.0.1 -c fsync=off" -l /dev/null -w start >/dev/null
p() { psql -X -h 127.0.0.1 -p "$pgport" -U postgres -v ON_ERROR_STOP=1 -At "$@"; }
p -q -c "CREATE TABLE lines (l json)" -c "\copy lines FROM '$cache/flights.ndjson' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')"
p -c "SELECT (l->>'distance')::int / 100 AS bucket, count(*), avg((l->>'delay')::int), max((l->>'delay')::int) FROM lines GROUP BY 1 ORDER BY 1" >"$tmp/theirs"

rows=$(wc -l <"$tmp/theirs")
if diff "$tmp/ours" "$tmp/theirs" >"$tmp/diff"; then
  head -n 3 "$tmp/ours"
  echo "… equal to PostgreSQL 15's, row by row"
  echo "$rows passed, 0 failed"
else
  head -n 20 "$tmp/diff"
  echo "0 passed, $rows failed"
  exit 1
fi

// Package bench is `streamsql bench`: end-to-end measurements, each of which ends with one JSON line.
//
// Every benchmark compares within one run, in turns, with something on the same machine: tumble with bench/floor,
// latency with a bare consumer, lookup with PostgreSQL's pgbench. Brokers and the measured engine run in processes of
// their own (this binary again, with a hidden sub-command), so that CPU and memory are the engine's alone.
package bench

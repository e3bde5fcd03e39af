// Package state keeps operators' tables: in memory first, in Badger below, checkpointed under one marker.
//
// A Store is one Badger directory (managed mode, version = epoch). Space is the part of a store that belongs to one
// dataflow node; it hands out Tables (ordered byte maps) and Slots (group keys to fixed-width words). A table tracks
// what changed since the last checkpoint; Begin copies that under the engine's tick lock, Commit writes it in the
// background, the marker last (shared/DESIGN.md §10; file layout: FORMAT.md).
//
// Invariants: nothing of an epoch is visible before its marker; recovery undoes every key a torn epoch touched;
// epochs are never reused. Hashes are never stored: Slots takes only Hash and HashBytes.
//
// One journey, a checkpoint: Store.Begin → Space.dump → Slots.dump, Table.dump (into a dump, reused) → Checkpoint.Commit
// → writer (large asynchronous transactions) → purge (keys of dropped spaces) → the marker → committed. And back: Open →
// recover → rollBack if something is newer than the marker; Space.Slots → load → Slots.load, loaded (builds the index).
package state

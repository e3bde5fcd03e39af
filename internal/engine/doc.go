// Package engine is the only room that knows the others: it holds the dataflow graph, runs ticks, applies DDL, keeps
// the catalog, answers sessions.
//
// Main types: Engine (everything that lives as long as the process), relation (a stream, table or view at run time),
// dataflow (a plan turned into operators), source (the live reader of one topic), subscription (a push query's
// bounded buffer), clientSession (one session.Session).
//
// Invariants: operators are called only under the tick lock (Engine.mu held for writing) or in a dataflow nobody else
// can see yet; readers hold mu for reading and therefore see a closed tick; a source's position moves only when a
// tick that contains its rows closes; every relation that is live is at the same cut.
//
// Journey of a record: source.run polls a chunk → Engine.work takes what is ready → intake holds incomplete
// transactions back → tick pushes the rows through the graph and flushes it → the tick closes: positions move,
// subscribers and waiters are told → checkpoint makes a closed tick durable.
//
// Journey of a view: session binds CREATE → ddl.go appends the command and registers the relation → hydrate.go fills
// its dataflow from snapshots and the log, beside the live flow → it is attached between two ticks.
package engine

// Package invariant holds assertions about our own code. Check panics with an XX000 error when its condition is false,
// in builds with -tags invariants or -race; in ordinary builds it does nothing, and Enabled is a constant false so that
// `if invariant.Enabled { … }` costs nothing either. A user's mistake is never an invariant: that is a pgerr.
package invariant

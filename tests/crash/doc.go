// Package crash kills the server, at random moments under load and at every named step of checkpoint and recovery, and
// holds what it answers afterwards against the log: nothing that was acknowledged is lost, nothing is doubled, writes
// of several rows are there as a whole or not at all, and the state directory may go.
package crash

// Package wiretest has a session.Engine whose statements are scripted, for tests of the wire room and of its clients.
//
// Main types: Engine (statement texts and what they give), Statement (columns, batches, or a live feed). Texts that
// the script does not know are syntax errors; BEGIN, COMMIT, ROLLBACK and SET name = value are built in.
package wiretest

// Package testserver runs `streamsql serve` as a child process for tests that kill it.
//
// Main types: Server (a child, restarted on the same ports and data directory), Feed (a producer that never gives up
// and knows what was acknowledged), TopicLog (what a topic holds, read by a plain Kafka client beside the server).
//
// A test compares the server's answers with TopicLog at the very cut the answer names: views of max(rowoffset) per
// partition are selected in the same statement.
package testserver

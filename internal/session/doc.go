// Package session is the contract between wire (bytes) and engine (meaning): interfaces and plain data only. The wire
// room drives a Session from one goroutine; Cancel may come from any.
package session

// Package archtest tests the code itself: which room imports which (STYLE.md §3), that every package says what it is
// for, and that the documents name paths that exist.
package archtest

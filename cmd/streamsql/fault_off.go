//go:build !faults

package main

// faultFromEnv is nothing in an ordinary build: see fault_on.go.
func faultFromEnv() func(step string) { return nil }

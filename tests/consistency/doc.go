// Package consistency is the bank-transfer test: whatever a client sees while transfers stream in and the server is
// killed, money is neither made nor lost, and every view of one statement is at one cut of the log.
package consistency

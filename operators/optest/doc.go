// Package optest is the test bench of operators: it runs one operator over given or random changes in many ways that must
// all give the same, and is imported by tests only.
//
// A Subject says how to build an operator. Play runs a Script (ticks of changes) in one Mode and checks after every tick
// that what was emitted is the change of the output, and that a Readable's Rows agree. Modes cut and shuffle the same
// changes differently, toggle Emitter.Wanted, and reload the state from a checkpoint between ticks. RunFile plays the
// cases of an operator file in all modes; Law plays random changes against a slow, obvious reference.
package optest

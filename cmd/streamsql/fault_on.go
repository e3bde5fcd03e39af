//go:build faults

package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// faultFromEnv makes a test build (go build -tags faults) kill itself at a named step of checkpoint or recovery:
// STREAMSQL_FAULT=step or step:n for the n-th time it is reached.
func faultFromEnv() func(step string) {
	want, nth, _ := strings.Cut(os.Getenv("STREAMSQL_FAULT"), ":")
	if want == "" {
		return nil
	}
	n, err := strconv.Atoi(nth)
	if err != nil {
		n = 1
	}
	return func(step string) {
		if step != want {
			return
		}
		if n--; n <= 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

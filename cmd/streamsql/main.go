// Command streamsql is the streaming SQL server and its tools: flags, wiring, start in order, stop in reverse.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"streamsql/cmd/streamsql/sqlclient"
)

// version is set by release builds with -ldflags "-X main.version=…".
var version = ""

// versionText is the version, or the build's revision.
func versionText() string {
	if version != "" {
		return version
	}
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "devel-" + s.Value[:12]
			}
		}
	}
	return "devel"
}

// usageError is a mistake on the command line: exit code 2.
type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

func main() {
	os.Exit(exitCode(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr), os.Stderr))
}

func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, sqlclient.ErrFailed) {
		return 1 // the client has shown it
	}
	fmt.Fprintln(stderr, "streamsql:", err)
	var u usageError
	if errors.As(err, &u) {
		return 2
	}
	return 1
}

// run executes one command line.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:               "streamsql",
		Short:             "Live SQL views over Kafka topics, served to every PostgreSQL client",
		Version:           versionText(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see '%s --help')", err, c.CommandPath())}
	})
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(serveCommand(), sqlCommand(), produceCommand(), demoCommand(), testCommand(), benchCommand())
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && isUnknownCommand(err) {
		return usageError{err}
	}
	return err
}

// wrapArgs makes wrong arguments a usage error.
func wrapArgs(c *cobra.Command) {
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w (see '%s --help')", err, c.CommandPath())}
		}
		return nil
	}
}

// isUnknownCommand tells cobra's error for an unknown command from others; it has no type for it.
func isUnknownCommand(err error) bool {
	return len(err.Error()) > 16 && err.Error()[:15] == "unknown command"
}

package main

import (
	"github.com/spf13/cobra"

	"streamsql/cmd/streamsql/bench"
)

func benchCommand() *cobra.Command {
	c := &cobra.Command{Use: "bench NAME", Short: "A benchmark by name; ends with one JSON line", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(bench.Commands()...)
	return c
}

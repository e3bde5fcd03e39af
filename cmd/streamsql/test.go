package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"streamsql/tests/sqllogic"
)

func testCommand() *cobra.Command {
	var opt sqllogic.Options
	var dialect, mode string
	c := &cobra.Command{Use: "test PATH…", Short: "The sqllogictest runner; ends with 'N passed, M failed, K skipped'", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			opt.Paths, opt.Dialect, opt.Mode = args, sqllogic.Dialect(dialect), sqllogic.Mode(mode)
			t, err := sqllogic.Main(c.Context(), opt, c.OutOrStdout())
			if err == nil && t.Failed > 0 {
				err = fmt.Errorf("%d records failed", t.Failed)
			}
			return err
		}}
	c.Flags().StringVar(&dialect, "dialect", "postgres", "postgres, sqlite or risingwave")
	c.Flags().StringVar(&mode, "mode", "plain", "plain, wire, view-before, view-after, random-ticks or restart")
	c.Flags().Uint64Var(&opt.Seed, "seed", 1, "of random-ticks and restart")
	c.Flags().BoolVarP(&opt.Verbose, "verbose", "v", false, "print differences in full")
	return c
}

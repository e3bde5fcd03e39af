package main

import (
	"os"

	"github.com/spf13/cobra"

	"streamsql/cmd/streamsql/sqlclient"
)

func sqlCommand() *cobra.Command {
	var opt sqlclient.Options
	c := &cobra.Command{Use: "sql", Short: "A small client that prints live rows as they come", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := settleOptions(c); err != nil {
				return err
			}
			opt.In, opt.Out, opt.Err = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			opt.Interactive = len(opt.Commands) == 0 && len(opt.Files) == 0 && isTerminal(os.Stdin)
			return sqlclient.Run(c.Context(), opt)
		}}
	c.Flags().StringArrayVarP(&opt.Commands, "command", "c", nil, "statements to run; may be given more than once")
	c.Flags().StringArrayVarP(&opt.Files, "file", "f", nil, "file with statements to run")
	c.Flags().StringVar(&opt.URL, "url", "postgres://streamsql@127.0.0.1:5433/streamsql", "server to connect to")
	c.Flags().StringVar(&opt.Dialect, "dialect", "", "SQL dialect of the session: postgres or ksql; the server's by default")
	c.Flags().String("config", "", "YAML file with these options by name")
	return c
}

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

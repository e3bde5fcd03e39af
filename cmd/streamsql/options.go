package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"
)

// envPrefix begins the environment variable of a flag: --data-dir is STREAMSQL_DATA_DIR.
const envPrefix = "STREAMSQL_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// settleOptions fills flags that were not given from the environment, then from the file of --config. A flag beats a
// variable, a variable beats the file.
func settleOptions(c *cobra.Command) error {
	fs := c.Flags()
	if err := fromEnvironment(fs); err != nil {
		return err
	}
	file, err := fs.GetString("config")
	if err != nil || file == "" {
		return err
	}
	return fromFile(fs, file)
}

func fromEnvironment(fs *pflag.FlagSet) error {
	var first error
	fs.VisitAll(func(f *pflag.Flag) {
		v, ok := os.LookupEnv(envName(f.Name))
		if f.Changed || !ok {
			return
		}
		if err := fs.Set(f.Name, v); err != nil && first == nil {
			first = usageError{fmt.Errorf("%s: %w", envName(f.Name), err)}
		}
	})
	return first
}

func fromFile(fs *pflag.FlagSet, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return usageError{fmt.Errorf("--config: %w", err)}
	}
	var values map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		return usageError{fmt.Errorf("%s: %w", file, err)}
	}
	for k, v := range values {
		f := fs.Lookup(k)
		if f == nil || k == "config" {
			return usageError{fmt.Errorf("%s: unknown key %q", file, k)}
		}
		if f.Changed {
			continue
		}
		if err := fs.Set(k, fmt.Sprint(v)); err != nil {
			return usageError{fmt.Errorf("%s: %s: %w", file, k, err)}
		}
	}
	return nil
}

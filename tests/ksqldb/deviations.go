package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed deviations.txt
var deviationsText string

// readDeviations reads the reviewed cases, by name, with their reasons.
func readDeviations(text string) (map[string]string, error) {
	out := map[string]string{}
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if reason = strings.TrimSpace(reason); !ok || reason == "" {
			return nil, fmt.Errorf("deviations.txt:%d: a name, a tab and a reason are needed", n)
		}
		if out[name] != "" {
			return nil, fmt.Errorf("deviations.txt:%d: %s stands there twice", n, name)
		}
		out[name] = reason
	}
	return out, sc.Err()
}

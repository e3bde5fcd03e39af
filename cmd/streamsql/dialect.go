package main

import (
	"context"
	"fmt"
	"maps"

	"streamsql/internal/session"
)

// dialectEngine opens sessions in a dialect, unless the client asks for one.
type dialectEngine struct {
	session.Engine
	dialect string
}

// Open implements session.Engine.
func (e dialectEngine) Open(ctx context.Context, params map[string]string) (session.Session, error) {
	if params["dialect"] == "" && e.dialect != "" {
		params = maps.Clone(params)
		if params == nil {
			params = map[string]string{}
		}
		params["dialect"] = e.dialect
	}
	return e.Engine.Open(ctx, params)
}

// checkDialect refuses a --dialect that there is not; "" is the default one.
func checkDialect(name string) error {
	if name != "" && name != "postgres" && name != "ksql" {
		return usageError{fmt.Errorf("--dialect: %q is not postgres or ksql", name)}
	}
	return nil
}

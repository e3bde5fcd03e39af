package expr

import "streamsql/internal/types"

// Func is one overload of a function or operator in the registry.
type Func struct {
	Name          string // operators by their spelling
	Args          []types.Type
	Result        types.Type
	Strict        bool // NULL in, NULL out
	Vol           Volatility
	Variadic      bool // the last argument repeats
	Doc           string
	Example       string // an SQL expression …
	ExampleResult string // … and the text it gives
}

// Agg is the signature of an aggregate function; its kernel is in operators/agg under the same name and types.
type Agg struct {
	Name         string
	Args         []types.Type
	Result       types.Type
	Variadic     bool
	IgnoresNulls bool // rows whose first argument is NULL do not count
	Doc          string
}

package expr

import (
	"strings"

	"streamsql/internal/pgerr"
)

// aggregates is the registry of aggregate signatures, in order of registration.
var aggregates []*Agg

// defAgg registers aggregates with one doc comment: sigs are "name(type, …) result".
func defAgg(doc string, keepsNulls bool, sigs ...string) {
	for _, sig := range sigs {
		open, shut := strings.IndexByte(sig, '('), strings.IndexByte(sig, ')')
		a := &Agg{Name: sig[:open], Result: sigType(sig[shut+2:]), Doc: doc, IgnoresNulls: !keepsNulls}
		if args := sig[open+1 : shut]; args != "" {
			for _, t := range strings.Split(args, ",") {
				a.Args = append(a.Args, sigType(strings.TrimSpace(t)))
			}
		}
		aggregates = append(aggregates, a)
	}
}

func init() {
	defAgg("number of rows", true, "count() int8")
	defAgg("number of rows whose argument is not NULL", false, "count(any) int8")
	defAgg("sum of the values", false, "sum(int2) int8", "sum(int4) int8", "sum(int8) numeric", "sum(float4) float4",
		"sum(float8) float8", "sum(numeric) numeric", "sum(interval) interval")
	defAgg("arithmetic mean", false, "avg(int2) numeric", "avg(int4) numeric", "avg(int8) numeric", "avg(float4) float8",
		"avg(float8) float8", "avg(numeric) numeric", "avg(interval) interval")
	for _, name := range []string{"min", "max"} {
		doc := map[string]string{"min": "least value", "max": "greatest value"}[name]
		for _, t := range []string{"int2", "int4", "int8", "float4", "float8", "numeric", "text", "bpchar", "date", "time",
			"timestamp", "timestamptz", "interval", "oid", "anyarray"} {
			defAgg(doc, false, name+"("+t+") "+t)
		}
	}
	defAgg("true if all values are true", false, "bool_and(bool) bool", "every(bool) bool")
	defAgg("true if some value is true", false, "bool_or(bool) bool")
	for _, name := range []string{"bit_and", "bit_or", "bit_xor"} {
		doc := map[string]string{"bit_and": "bits that all values have", "bit_or": "bits that some value has", "bit_xor": "bits that an odd number of values have"}[name]
		defAgg(doc, false, name+"(int2) int2", name+"(int4) int4", name+"(int8) int8")
	}
	for _, name := range []string{"stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"} {
		doc := map[bool]string{true: "standard deviation", false: "variance"}[name[0] == 's']
		defAgg(doc, false, name+"(int2) numeric", name+"(int4) numeric", name+"(int8) numeric", name+"(float4) float8",
			name+"(float8) float8", name+"(numeric) numeric")
	}
	for _, name := range []string{"corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_intercept", "regr_r2", "regr_slope",
		"regr_sxx", "regr_sxy", "regr_syy"} {
		defAgg("of the pairs (y, x) without NULLs: correlation, covariance, linear regression", false, name+"(float8, float8) float8")
	}
	defAgg("number of pairs without NULLs", false, "regr_count(float8, float8) int8")
	defAgg("the values, NULLs included, as a JSON array", true, "json_agg(any) json", "jsonb_agg(any) jsonb")
	defAgg("a JSON object of keys and values", true, "json_object_agg(any, any) json", "jsonb_object_agg(any, any) jsonb")
	defAgg("the values, NULLs included, as an array", true, "array_agg(anynonarray) anyarray")
	defAgg("the values joined by the delimiter", false, "string_agg(text, text) text", "string_agg(bytea, bytea) bytea")
}

// ResolveAggregate finds the aggregate name for args (star: count(*)) and returns its signature with concrete types and
// the arguments cast. All three results are nil if no aggregate has that name. Errors: 42883, 42725.
func ResolveAggregate(name []string, args []Expr, star bool, pos int) (*Agg, []Expr, error) {
	fn := name[len(name)-1]
	if len(name) > 1 && name[len(name)-2] != "pg_catalog" {
		return nil, nil, nil
	}
	var cs []candidate
	var aggs []*Agg
	known := false
	for _, a := range aggregates {
		if a.Name != fn {
			continue
		}
		known = true
		if len(a.Args) == len(args) && (len(args) > 0 || star) {
			cs = append(cs, candidate{&Func{Name: fn, Args: a.Args, Result: a.Result}, a.Args})
			aggs = append(aggs, a)
		}
	}
	if !known {
		return nil, nil, nil
	}
	if star && fn != "count" {
		return nil, nil, pgerr.At(pos, pgerr.UndefinedFunction, "function %s() does not exist", fn).WithHint(hintFunction)
	}
	if len(args) == 0 && !star && fn == "count" {
		return nil, nil, pgerr.At(pos, pgerr.WrongObjectType, "count(*) must be used to call a parameterless aggregate function")
	}
	in := typesOf(args)
	best, ambiguous := pick(cs, in)
	if best == nil {
		return nil, nil, functionError(fn, in, ambiguous, pos)
	}
	call, err := makeCall(best, args, pos)
	if err != nil {
		return nil, nil, err
	}
	agg := *aggs[0]
	for i := range cs {
		if cs[i].f == best.f {
			agg = *aggs[i]
		}
	}
	c := call.(*Call)
	agg.Args, agg.Result = typesOf(c.Args), c.T
	keepModifiers(&agg, c.Args)
	return &agg, c.Args, nil
}

// keepModifiers lets min and max of varchar(n) … keep the plain type of the result: modifiers never survive.
func keepModifiers(a *Agg, args []Expr) {
	for i := range args {
		a.Args[i] = base(a.Args[i])
	}
	a.Result = base(a.Result)
}

// Aggregates returns the signatures of all aggregates. They are shared and must not be changed.
func Aggregates() []*Agg { return aggregates }

package expr

import (
	"strings"

	"streamsql/internal/types"
)

// Agg is the signature of an aggregate function; its kernel is in operators/agg under the same name and types. Once
// resolved it belongs to one call.
type Agg struct {
	Name         string
	Kind         AggKind
	Args         []types.Type // of an ordered-set aggregate: the direct arguments, then the sorted ones
	Direct       int          // how many of Args are direct arguments
	Result       types.Type
	Variadic     bool
	IgnoresNulls bool   // rows whose first argument (of an ordered-set aggregate: the sorted one) is NULL do not count
	Dialect      string // "ksql": with ksqlDB's rules for types, NULLs and no rows; "postgres": not in the ksql dialect; "": both
	Arrival      bool   // the result depends on the order in which rows came, where no ORDER BY gives another one
	NeedsArrival bool   // without any order it means nothing
	Doc          string
	Example      string // a SELECT without the word, as in "sum(x) FROM (VALUES (1), (2)) t(x)" …
	// … and the text it gives.
	ExampleResult string

	// Consts are the arguments of a call that must be literals, in order (Signature shows where); they are not in Args.
	Consts []types.Value

	Many  bool  // earliest_by_offset and latest_by_offset: the first of Consts is how many values are wanted
	Limit int64 // collect_list and collect_set keep at most so many values; 0: all

	consts []bool // by place of a call's argument: whether it is one of Consts
}

// AggKind says how an aggregate is called.
type AggKind uint8

// The kinds of aggregates.
const (
	PlainAgg     AggKind = iota
	OrderedAgg           // f(direct) WITHIN GROUP (ORDER BY sorted)
	Hypothetical         // f(row) WITHIN GROUP (ORDER BY columns): where the row would stand
)

// aggregates is the registry of aggregate signatures, in order of registration.
var aggregates []*Agg

// defAgg registers aggregates with one doc comment: sigs are "name(type, …) result", then any of the words nullok (NULLs
// count), ksql, postgres (only in that dialect), arrival and needsarrival. An argument "const type" must be a
// literal. Behind "order by" in the list stand the sorted arguments of an ordered-set aggregate. The example, "select
// list and FROM => result", is the first one's.
func defAgg(doc, example string, sigs ...string) {
	for i, sig := range sigs {
		a := parseAgg(sig)
		a.Doc = doc
		if i == 0 {
			a.Example, a.ExampleResult, _ = strings.Cut(example, " => ")
		}
		aggregates = append(aggregates, a)
	}
}

func parseAgg(sig string) *Agg {
	open, shut := strings.IndexByte(sig, '('), strings.IndexByte(sig, ')')
	a := &Agg{Name: sig[:open], IgnoresNulls: true}
	args := sig[open+1 : shut]
	if direct, sorted, ok := strings.Cut(args, "order by "); ok {
		a.Kind = OrderedAgg
		if direct = strings.TrimSpace(direct); direct != "" {
			a.Direct = 1 + strings.Count(direct, ",")
			direct += ", "
		}
		args = direct + sorted
	}
	if args != "" {
		for _, t := range strings.Split(args, ",") {
			t, variadic := strings.CutPrefix(strings.TrimSpace(t), "variadic ")
			a.Variadic = a.Variadic || variadic
			t, literal := strings.CutPrefix(t, "const ")
			a.Args, a.consts = append(a.Args, sigType(t)), append(a.consts, literal)
		}
	}
	words := strings.Fields(sig[shut+1:])
	a.Result = sigType(words[0])
	for _, w := range words[1:] {
		switch w {
		case "nullok":
			a.IgnoresNulls = false
		case "hypothetical":
			a.Kind = Hypothetical
		case "ksql", "postgres":
			a.Dialect = w
		case "arrival":
			a.Arrival = true
		case "needsarrival":
			a.Arrival, a.NeedsArrival = true, true
		default:
			panic("expr: bad word " + w + " in " + sig)
		}
	}
	return a
}

// Aggregates returns the signatures of all aggregates. They are shared and must not be changed.
func Aggregates() []*Agg { return aggregates }

// IsAggregate reports whether some aggregate of the dialect has the name (folded, unqualified).
func IsAggregate(name, dialect string) bool {
	for _, a := range aggregates {
		if a.Name == name && a.in(dialect) {
			return true
		}
	}
	return false
}

// in reports whether the dialect has the aggregate.
func (a *Agg) in(dialect string) bool {
	return a.Dialect == "" || a.Dialect == dialect || a.Dialect == "postgres" && dialect != "ksql"
}

// Signature returns "name(integer, text) → text", pseudo-types by their PostgreSQL names; what must be a literal is
// marked "const".
func (a *Agg) Signature() string {
	var direct, sorted []string
	for i, t := range a.Args {
		s := typeName(t)
		if i < len(a.consts) && a.consts[i] {
			s = "const " + s
		}
		if a.Variadic && i == len(a.Args)-1 {
			s = "VARIADIC " + s
		}
		if a.Kind != PlainAgg && i >= a.Direct {
			sorted = append(sorted, s)
		} else {
			direct = append(direct, s)
		}
	}
	if a.Kind == Hypothetical {
		direct = sorted
	}
	s := a.Name + "(" + strings.Join(direct, ", ") + ")"
	if a.Kind != PlainAgg {
		s += " WITHIN GROUP (ORDER BY " + strings.Join(sorted, ", ") + ")"
	}
	return s + " → " + typeName(a.Result)
}

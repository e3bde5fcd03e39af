package planner

import (
	"slices"
	"strings"

	"streamsql/sql/ast"
)

// unitFuncs are ksqlDB's functions whose first argument is a unit of time, written as a word: TIMESTAMPADD(DAYS, 3, ts).
var unitFuncs = []string{"timestampadd", "timestampsub", "dateadd", "datesub", "timeadd", "timesub"}

var timeUnits = []string{"days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds", "weeks", "months", "years",
	"day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond", "week", "month", "year"}

// unitArgument returns a call's arguments, a unit of time as a text.
func (b *binder) unitArgument(x *ast.Call, name []string) []ast.Expr {
	if !b.ksql() || len(x.Args) == 0 || !slices.Contains(unitFuncs, name[len(name)-1]) {
		return x.Args
	}
	ref, ok := x.Args[0].(*ast.Ref)
	if !ok || len(ref.Parts) != 1 || !slices.Contains(timeUnits, strings.ToLower(ref.Parts[0])) {
		return x.Args
	}
	args := slices.Clone(x.Args)
	args[0] = &ast.Lit{Pos: ref.Pos, Kind: ast.LitString, Text: ref.Parts[0]}
	return args
}

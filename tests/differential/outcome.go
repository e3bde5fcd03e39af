package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// outcome is what one side made of an expression: a value with its type's name, or an error's SQLSTATE.
type outcome struct {
	code string // SQLSTATE; empty: a value
	msg  string // the error's message, for the report only
	typ  string // as format_type prints it
	null bool
	text string
}

// String is the form that deviations match against.
func (o outcome) String() string {
	switch {
	case o.code != "":
		return "error " + o.code + " " + o.msg
	case o.null:
		return o.typ + ": NULL"
	}
	return o.typ + ": " + strconv.Quote(o.text)
}

func (o outcome) same(p outcome) bool {
	if o.code != "" || p.code != "" {
		return o.code == p.code
	}
	return o.typ == p.typ && o.null == p.null && o.text == p.text
}

// kind says in a word how ours differs from PostgreSQL's.
func (o outcome) kind(pg outcome) string {
	switch {
	case o.code == "0A000" && pg.code != "0A000":
		return "refused"
	case o.code == panicCode:
		return "panic"
	case o.code != "" && pg.code != "":
		return "code"
	case o.code != "":
		return "fails"
	case pg.code != "":
		return "accepts"
	case o.typ != pg.typ:
		return "type"
	}
	return "value"
}

var number = regexp.MustCompile(`-?\d+(\.\d+)?([eE][-+]?\d+)?`)

// near reports values that differ only in the last digits of floating point numbers.
func (o outcome) near(p outcome) bool {
	if o.code != "" || p.code != "" || o.typ != p.typ || o.null != p.null {
		return false
	}
	a, b := number.FindAllString(o.text, -1), number.FindAllString(p.text, -1)
	if len(a) == 0 || len(a) != len(b) || number.ReplaceAllString(o.text, "#") != number.ReplaceAllString(p.text, "#") {
		return false
	}
	single := strings.HasPrefix(o.typ, "real")
	for i := range a {
		x, _ := strconv.ParseFloat(a[i], 64)
		y, _ := strconv.ParseFloat(b[i], 64)
		limit := 1e-13
		if single {
			limit = 1e-6
		}
		if math.Abs(x-y) > limit*math.Max(math.Abs(x), math.Abs(y)) {
			return false
		}
	}
	return true
}

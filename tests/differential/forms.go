package main

import (
	"fmt"
	"strings"

	"streamsql/internal/types"
)

// form writes an expression in one of SQL's special spellings, with the name it is reported under.
func (g *gen) form() (name, sql string) {
	text, i4 := types.T(types.Text), types.T(types.Int4)
	t := g.oneType()
	a := func(t types.Type) string { return g.arg(t, 1) }
	switch g.r.IntN(33) {
	case 0, 1, 2:
		return "EXTRACT", fmt.Sprintf("EXTRACT(%s FROM %s)", g.one(fieldTexts), g.constant(g.oneTime()))
	case 3:
		return "SUBSTRING", fmt.Sprintf("SUBSTRING(%s FROM %s FOR %s)", a(text), a(i4), a(i4))
	case 4:
		return "SUBSTRING", fmt.Sprintf("SUBSTRING(%s FROM %s)", a(text), g.one([]string{a(i4), quote(g.one(regexTexts))}))
	case 5:
		return "SUBSTRING SIMILAR", fmt.Sprintf("SUBSTRING(%s SIMILAR %s ESCAPE '#')", a(text), quote(g.one(similarTexts)))
	case 6:
		return "TRIM", fmt.Sprintf("TRIM(%s %s FROM %s)", g.one([]string{"BOTH", "LEADING", "TRAILING"}), quote(g.one(strTexts)), a(text))
	case 7:
		return "OVERLAY", fmt.Sprintf("OVERLAY(%s PLACING %s FROM %s FOR %s)", a(text), a(text), a(i4), a(i4))
	case 8:
		return "POSITION", fmt.Sprintf("POSITION(%s IN %s)", a(text), a(text))
	case 9, 10:
		return "AT TIME ZONE", fmt.Sprintf("%s AT TIME ZONE %s", g.constant(g.oneOf(types.Timestamp, types.TimestampTZ)), quote(g.one(zoneTexts)))
	case 11:
		return "LIKE", fmt.Sprintf("%s %s %s", a(text), g.one([]string{"LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"}), quote(g.one(likeTexts)))
	case 12:
		return "LIKE ESCAPE", fmt.Sprintf("%s LIKE %s ESCAPE %s", a(text), quote(g.one(likeTexts)), quote(g.one([]string{"\\", "", "#", "%", "ab"})))
	case 13:
		return "SIMILAR TO", fmt.Sprintf("%s %sSIMILAR TO %s", a(text), g.one([]string{"", "NOT "}), quote(g.one(similarTexts)))
	case 14, 15:
		return "regular expression", fmt.Sprintf("%s %s %s", a(text), g.one([]string{"~", "!~", "~*", "!~*"}), quote(g.one(regexTexts)))
	case 16:
		return "BETWEEN", fmt.Sprintf("%s %sBETWEEN %s%s AND %s", a(t), g.one([]string{"", "NOT "}), g.one([]string{"", "SYMMETRIC "}), a(t), a(g.like(t)))
	case 17:
		return "IN", fmt.Sprintf("%s %sIN (%s, %s, %s)", a(t), g.one([]string{"", "NOT "}), a(t), a(g.like(t)), a(t))
	case 18:
		return "IS", fmt.Sprintf("%s IS %s%s", a(types.T(types.Bool)), g.one([]string{"", "NOT "}), g.one([]string{"TRUE", "FALSE", "UNKNOWN", "NULL"}))
	case 19:
		return "IS DISTINCT", fmt.Sprintf("%s IS %sDISTINCT FROM %s", a(t), g.one([]string{"", "NOT "}), a(g.like(t)))
	case 20:
		return "CASE", fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN %s ELSE %s END", a(types.T(types.Bool)), a(t), a(types.T(types.Bool)), a(g.like(t)), a(t))
	case 21:
		return "CASE", fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", a(t), a(g.like(t)), a(text), a(text))
	case 22:
		return "COALESCE", fmt.Sprintf("COALESCE(%s, %s, %s)", a(t), a(g.like(t)), a(t))
	case 23:
		return "NULLIF", fmt.Sprintf("NULLIF(%s, %s)", a(t), a(g.like(t)))
	case 24:
		f := g.one([]string{"GREATEST", "LEAST"})
		return f, fmt.Sprintf("%s(%s, %s, %s)", f, a(t), a(g.like(t)), a(t))
	case 25:
		return "ARRAY[]", fmt.Sprintf("ARRAY[%s, %s, %s]", a(t), a(g.like(t)), a(t))
	case 26:
		at := types.ArrayOf(g.oneElem())
		return "subscript", fmt.Sprintf("(%s)[%s]", g.constant(at)+"::"+g.typeName(at), a(i4))
	case 27:
		at := types.ArrayOf(g.oneElem())
		return "slice", fmt.Sprintf("(%s)[%s:%s]", g.constant(at)+"::"+g.typeName(at), g.one([]string{"", "1", "2", "-1", "0"}), g.one([]string{"", "1", "2", "3", "100"}))
	case 28:
		e := g.oneElem()
		return "ANY/ALL", fmt.Sprintf("%s %s %s (%s)", a(e), g.one([]string{"=", "<>", "<", ">=", ">"}), g.one([]string{"ANY", "ALL", "SOME"}), a(types.ArrayOf(e)))
	case 29:
		return "row comparison", fmt.Sprintf("(%s, %s) %s (%s, %s)", a(t), a(i4), g.one([]string{"=", "<>", "<", "<=", ">", ">="}), a(g.like(t)), a(i4))
	case 30:
		return "AND/OR/NOT", g.boolean(3)
	case 31:
		n := 1 + g.r.IntN(3)
		return "interval literal", fmt.Sprintf("INTERVAL %s %s", quote(g.one(spanTexts)), strings.Split("SECOND|DAY|YEAR TO MONTH|DAY TO SECOND|HOUR TO MINUTE", "|")[n])
	}
	return "typed literal", g.one([]string{"DATE ", "TIMESTAMP ", "INTERVAL ", "TIME ", "TIMESTAMPTZ ", "NUMERIC ", "FLOAT8 ", "BYTEA "}) + quote(g.text(g.oneType()))
}

func (g *gen) boolean(depth int) string {
	b := types.T(types.Bool)
	if depth == 0 || g.chance(20) {
		return g.arg(b, 1)
	}
	switch g.r.IntN(4) {
	case 0:
		return "NOT (" + g.boolean(depth-1) + ")"
	case 1:
		return "(" + g.boolean(depth-1) + " OR " + g.boolean(depth-1) + ")"
	}
	return "(" + g.boolean(depth-1) + " AND " + g.boolean(depth-1) + ")"
}

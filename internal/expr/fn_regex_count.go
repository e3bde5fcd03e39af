package expr

import (
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// regexp_count, regexp_substr and regexp_instr: the n-th match from a start, by PostgreSQL 15's optional arguments.

func init() {
	args := []string{"text", "text", "int4", "int4", "int4", "text", "int4"}
	sig := func(name string, n int, drop map[int]bool) string {
		s := name + "("
		for i, kept := 0, 0; kept < n; i++ {
			if drop[i] {
				continue
			}
			if kept > 0 {
				s += ", "
			}
			s += args[i]
			kept++
		}
		return s + ") "
	}
	for n := 2; n <= 4; n++ { // string, pattern, start, flags
		ex := map[int]string{2: `regexp_count('123456789012', '\d\d\d') => 4`}[n]
		def(sig("regexp_count", n, map[int]bool{3: true, 4: true})+"int4", "number of matches", ex, regexRows(3, regexFlags{}, regexpCount))
	}
	for n := 2; n <= 6; n++ { // string, pattern, start, n-th, flags, subexpression
		ex := map[int]string{2: "regexp_substr('number of your street', 'o(.)') => of", 6: "regexp_substr('ABC', '(b)(c)', 1, 1, 'i', 2) => C"}[n]
		def(sig("regexp_substr", n, map[int]bool{4: true})+"text", "the n-th match, or a group of it", ex, regexRows(4, regexFlags{}, regexpSubstr))
	}
	for n := 2; n <= 7; n++ { // string, pattern, start, n-th, end, flags, subexpression
		ex := map[int]string{2: "regexp_instr('number of your street', 'o(.)') => 8"}[n]
		def(sig("regexp_instr", n, nil)+"int4", "where the n-th match, or a group of it, starts or ends", ex, regexRows(5, regexFlags{}, regexpInstr))
	}
}

func errParameter(name string, v int64) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"%s\": %d", name, v)
}

// startOf is the offset of the character that argument i (from 1) names; past the end it is -1.
func startOf(a []types.Value, i int) (int, error) {
	if len(a) <= i {
		return 0, nil
	}
	if a[i].I <= 0 {
		return 0, errParameter("start", a[i].I)
	}
	s := a[0].Bytes
	at := skipRunes(s, a[i].I-1)
	if at == len(s) && int64(utf8.RuneCount(s)) < a[i].I-1 {
		return -1, nil
	}
	return at, nil
}

// matches are the matches that begin at from or later; what stands before it counts for anchors and words.
func (c *regexCache) matches(s []byte, from int) [][]int {
	if from < 0 {
		return nil
	}
	if from == 0 {
		return c.re.FindAllSubmatchIndex(s, -1)
	}
	ms := c.re.FindAllSubmatchIndex(s[from:], -1)
	for _, m := range ms {
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
	}
	return ms
}

func regexpCount(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	from, err := startOf(a, 2)
	if err != nil {
		return types.Null, err
	}
	if c.flags.global {
		return types.Null, errGlobal("regexp_count")
	}
	return types.IntValue(int64(len(c.matches(a[0].Bytes, from)))), nil
}

// nth finds the match that arguments 3 (start), 4 (n) and group (its index among a) ask for; nil if there is none.
func (c *regexCache) nth(fn string, a []types.Value, group int) ([]int, error) {
	from, err := startOf(a, 2)
	if err != nil {
		return nil, err
	}
	n, sub := int64(1), int64(0)
	if len(a) > 3 {
		n = a[3].I
	}
	if len(a) > group {
		sub = a[group].I
	}
	switch {
	case n <= 0:
		return nil, errParameter("n", n)
	case sub < 0:
		return nil, errParameter("subexpr", sub)
	case c.flags.global:
		return nil, errGlobal(fn)
	}
	ms := c.matches(a[0].Bytes, from)
	if n > int64(len(ms)) || sub > int64(c.re.NumSubexp()) || ms[n-1][2*sub] < 0 {
		return nil, nil
	}
	return ms[n-1][2*sub : 2*sub+2], nil
}

func regexpSubstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	m, err := c.nth("regexp_substr", a, 5)
	if m == nil {
		return types.Null, err
	}
	return types.Value{Bytes: a[0].Bytes[m[0]:m[1]]}, nil
}

func regexpInstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	end := int64(0)
	if len(a) > 4 {
		end = a[4].I
	}
	m, err := c.nth("regexp_instr", a, 6)
	if err != nil {
		return types.Null, err
	}
	if end != 0 && end != 1 {
		return types.Null, errParameter("endoption", end)
	}
	if m == nil {
		return types.IntValue(0), nil
	}
	return types.IntValue(int64(utf8.RuneCount(a[0].Bytes[:m[end]])) + 1), nil
}

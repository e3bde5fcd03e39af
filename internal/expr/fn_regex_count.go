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

// checkPlace checks the numbers among the arguments of regexp_count, regexp_substr and regexp_instr: these errors come
// before those of the pattern.
func checkPlace(fn string, a []types.Value) error {
	group := map[string]int{"regexp_count": 9, "regexp_substr": 5, "regexp_instr": 6}[fn]
	switch {
	case group == 0:
	case len(a) > 2 && a[2].I <= 0:
		return errParameter("start", a[2].I)
	case fn == "regexp_count":
	case len(a) > 3 && a[3].I <= 0:
		return errParameter("n", a[3].I)
	case fn == "regexp_instr" && len(a) > 4 && a[4].I != 0 && a[4].I != 1:
		return errParameter("endoption", a[4].I)
	case len(a) > group && a[group].I < 0:
		return errParameter("subexpr", a[group].I)
	}
	return nil
}

// startOf is the offset of the character that the third argument names; past the end it is -1.
func startOf(a []types.Value) int {
	if len(a) <= 2 {
		return 0
	}
	s := a[0].Bytes
	at := skipRunes(s, a[2].I-1)
	if at == len(s) && int64(utf8.RuneCount(s)) < a[2].I-1 {
		return -1
	}
	return at
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
	return types.IntValue(int64(len(c.matches(a[0].Bytes, startOf(a))))), nil
}

// nth finds the match that arguments 3 (start), 4 (n) and group (its index among a) ask for; nil if there is none.
func (c *regexCache) nth(a []types.Value, group int) []int {
	n, sub := int64(1), int64(0)
	if len(a) > 3 {
		n = a[3].I
	}
	if len(a) > group {
		sub = a[group].I
	}
	ms := c.matches(a[0].Bytes, startOf(a))
	if n > int64(len(ms)) || sub > int64(c.re.NumSubexp()) || ms[n-1][2*sub] < 0 {
		return nil
	}
	return ms[n-1][2*sub : 2*sub+2]
}

func regexpSubstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	m := c.nth(a, 5)
	if m == nil {
		return types.Null, nil
	}
	return types.Value{Bytes: a[0].Bytes[m[0]:m[1]]}, nil
}

func regexpInstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	m, end := c.nth(a, 6), int64(0)
	if m == nil {
		return types.IntValue(0), nil
	}
	if len(a) > 4 {
		end = a[4].I
	}
	return types.IntValue(int64(utf8.RuneCount(a[0].Bytes[:m[end]])) + 1), nil
}

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

// checkPlace checks the numbers among the arguments of regexp_count, regexp_substr, regexp_instr and regexp_replace: these
// errors come before those of the pattern.
func checkPlace(fn string, a []types.Value) error {
	group := map[string]int{"regexp_count": 9, "regexp_substr": 5, "regexp_instr": 6, "regexp_replace": 9}[fn]
	start := 2
	if fn == "regexp_replace" {
		if start = 3; len(a) == 4 && a[3].Bytes != nil {
			return badOption(a[3].Bytes) // option letters
		}
	}
	switch {
	case group == 0:
	case len(a) > start && a[start].I <= 0:
		return errParameter("start", a[start].I)
	case fn == "regexp_count":
	case fn == "regexp_replace":
		if len(a) > 4 && a[4].I < 0 {
			return errParameter("n", a[4].I)
		}
	case len(a) > 3 && a[3].I <= 0:
		return errParameter("n", a[3].I)
	case fn == "regexp_instr" && len(a) > 4 && a[4].I != 0 && a[4].I != 1:
		return errParameter("endoption", a[4].I)
	case len(a) > group && a[group].I < 0:
		return errParameter("subexpr", a[group].I)
	}
	return nil
}

// badOption refuses a start given as text.
func badOption(letters []byte) error {
	if len(letters) == 0 || letters[0] < '0' || letters[0] > '9' {
		return nil
	}
	return pgerr.New(pgerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", letters[0]).
		WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
}

// startAt is the offset of the n-th character; past the end it is -1.
func startAt(s []byte, n int64) int {
	at := skipRunes(s, n-1)
	if at == len(s) && int64(utf8.RuneCount(s)) < n-1 {
		return -1
	}
	return at
}

// each calls fn for every match from where the third argument says.
func (c *regexCache) each(a []types.Value, fn func(m []int) bool) error {
	from := 0
	if len(a) > 2 {
		from = startAt(a[0].Bytes, a[2].I)
	}
	if from < 0 {
		return nil
	}
	return c.re.Each(a[0].Bytes, from, fn)
}

func regexpCount(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	n := int64(0)
	err := c.each(a, func([]int) bool { n++; return true })
	return types.IntValue(n), err
}

// nth finds the match that arguments 3 (start), 4 (n) and group (its index among a) ask for; begin is -1 if there is none.
func (c *regexCache) nth(a []types.Value, group int) (begin, end int, err error) {
	n, sub := int64(1), int64(0)
	if len(a) > 3 {
		n = a[3].I
	}
	if len(a) > group {
		sub = a[group].I
	}
	begin = -1
	if sub > int64(c.re.Groups()) {
		return -1, -1, nil
	}
	err = c.each(a, func(m []int) bool {
		if n--; n == 0 {
			begin, end = m[2*sub], m[2*sub+1]
		}
		return n > 0
	})
	return begin, end, err
}

func regexpSubstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	begin, end, err := c.nth(a, 5)
	if err != nil || begin < 0 {
		return types.Null, err
	}
	return types.Value{Bytes: a[0].Bytes[begin:end]}, nil
}

func regexpInstr(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	begin, end, err := c.nth(a, 6)
	if err != nil || begin < 0 {
		return types.IntValue(0), err
	}
	if len(a) > 4 && a[4].I == 1 {
		begin = end
	}
	return types.IntValue(int64(utf8.RuneCount(a[0].Bytes[:begin])) + 1), nil
}

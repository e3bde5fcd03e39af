package javatime

import "slices"

// style is the length of a text.
type style uint8

const (
	short style = iota
	full
	narrow
)

// texts are the English names of a field's values, the first value's first.
type texts struct {
	first int64
	names [3][]string // by style
}

func initials(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n[:1]
	}
	return out
}

func prefixes(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n[:3]
	}
	return out
}

var (
	monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

	fieldTexts = map[field]*texts{
		fMonth:     {1, [3][]string{prefixes(monthNames), monthNames, initials(monthNames)}},
		fDayOfWeek: {1, [3][]string{prefixes(dayNames), dayNames, initials(dayNames)}},
		fAmPm:      {0, [3][]string{{"AM", "PM"}, {"AM", "PM"}, {"a", "p"}}},
		fEra:       {0, [3][]string{{"BC", "AD"}, {"Before Christ", "Anno Domini"}, {"B", "A"}}},
		fQuarter: {1, [3][]string{{"Q1", "Q2", "Q3", "Q4"}, {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"},
			{"1", "2", "3", "4"}}},
	}
)

// name returns the text of v, or "".
func (t *texts) name(v int64, s style) string {
	if i := v - t.first; i >= 0 && i < int64(len(t.names[s])) {
		return t.names[s][i]
	}
	return ""
}

// match finds the longest name that text begins with; of equal names (narrow ones) the last counts.
func (t *texts) match(text string, s style) (v int64, n int) {
	for i, name := range slices.Backward(t.names[s]) {
		if len(name) > n && hasPrefixFold(text, name) {
			v, n = t.first+int64(i), len(name)
		}
	}
	return v, n
}

package expr

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// timeReader takes a time's fields out of a text. A field that is 0 has not been read, as in PostgreSQL.
type timeReader struct {
	in    string
	at    int
	node  *templateNode // the field being read
	sep   bool          // the template goes on with what is no digit: a number may have any length
	fixed bool          // FX: blanks are not skipped
	extra int           // blanks skipped beyond the template's

	mode                           calendarMode
	hh, pm, mi, ss, ssss, ms, us   int
	d, dd, ddd, mm, ww, w          int // d is 1 for Sunday
	year, yearDigits, cc, bc       int
	julian                         int
	half                           bool // the hour is of the 12-hour clock
	zoneSign, zoneHour, zoneMinute int
	ff                             int
}

// calendarMode is how a template counts: by months, or by the weeks of ISO 8601.
type calendarMode uint8

const (
	calendarAny calendarMode = iota
	calendarGregorian
	calendarISO
)

func calendarOf(key string) calendarMode {
	switch key {
	case "DDD", "DD", "D", "MM", "MONTH", "MON", "RM", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y":
		return calendarGregorian
	case "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I":
		return calendarISO
	}
	return calendarAny
}

func badTime(format string, args ...any) *pgerr.Error {
	return pgerr.New(pgerr.InvalidDatetimeFormat, format, args...)
}

// readTime reads text by template, as far as both go.
func readTime(text, template string) (*timeReader, error) {
	nodes, err := timeGrammar.parse(template, nil)
	if err != nil {
		return nil, err
	}
	r := &timeReader{in: text}
	for i := 0; i < len(nodes) && !r.done(); i++ {
		n := &nodes[i]
		if !r.fixed && n.key != "FX" && (n.key != "" || i == 0) {
			r.extra += r.skipBlanks()
		}
		if n.key == "" {
			r.skip(n)
			continue
		}
		r.node, r.sep = n, separated(nodes[i:])
		if err := r.field(); err != nil {
			return nil, err
		}
		if !r.fixed {
			r.extra = r.skipBlanks()
		}
	}
	return r, nil
}

// separated reports that the text behind nodes[0]'s number cannot be one more digit.
func separated(nodes []templateNode) bool {
	if nodes[0].suffix != "" || len(nodes) == 1 {
		return true
	}
	next := nodes[1]
	if next.key == "" {
		return !isNumeric(next.text)
	}
	switch next.key {
	case "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "DAY", "DY", "FX", "MONTH", "MON", "OF", "P.M.", "PM", "RM", "TZH", "TZ":
		return true
	}
	return false
}

func (r *timeReader) done() bool { return r.at >= len(r.in) }

// next is the byte to read, 0 at the end.
func (r *timeReader) next() byte {
	if r.done() {
		return 0
	}
	return r.in[r.at]
}

func (r *timeReader) skipBlanks() (n int) {
	for ; isSpaceByte(r.next()); n++ {
		r.at++
	}
	return n
}

func (r *timeReader) skipChar() {
	_, n := utf8.DecodeRuneInString(r.in[r.at:])
	r.at += n
}

// skip passes over what stands for a character of the template: for a separator one separator or nothing, for a letter
// any character, unless more blanks were skipped than the template has.
func (r *timeReader) skip(n *templateNode) {
	switch {
	case r.fixed:
		r.skipChar()
	case n.gap:
		r.extra--
		if isSpaceByte(r.next()) || isSeparator(r.next()) {
			r.at++
			r.extra++
		}
	case r.extra > 0:
		r.extra--
	case !r.done():
		r.skipChar()
	}
}

func (r *timeReader) field() error {
	if mode := calendarOf(r.node.key); mode != calendarAny {
		if r.mode != calendarAny && r.mode != mode {
			return badTime("invalid combination of date conventions").
				WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template.")
		}
		r.mode = mode
	}
	switch key := r.node.key; key {
	case "FX":
		r.fixed = true
		return nil
	case "TZ", "OF":
		return pgerr.New(pgerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", r.node.text)
	case "AM", "PM", "A.M.", "P.M.", "AD", "BC", "A.D.", "B.C.", "MONTH", "MON", "DAY", "DY", "RM":
		return r.word(key)
	}
	if err := r.numberField(r.node.key); err != nil {
		return err
	}
	if r.node.suffix != "" {
		r.skipChar()
		r.skipChar()
	}
	return nil
}

// numberField reads a field that is a number.
func (r *timeReader) numberField(key string) (err error) {
	switch key {
	case "HH24":
		_, err = r.number(&r.hh, 2)
	case "HH", "HH12":
		r.half = true
		_, err = r.number(&r.hh, 2)
	case "MI":
		_, err = r.number(&r.mi, 2)
	case "SS":
		_, err = r.number(&r.ss, 2)
	case "SSSS", "SSSSS":
		_, err = r.number(&r.ssss, len(key))
	case "MS":
		err = r.fraction(&r.ms, 3, 3)
	case "US":
		err = r.fraction(&r.us, 6, 6)
	case "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		r.ff = int(key[2] - '0')
		err = r.fraction(&r.us, r.ff, 6)
	case "TZH", "TZM":
		err = r.zone(key)
	case "YYYY", "YYY", "YY", "Y", "IYYY", "IYY", "IY", "I":
		err = r.readYear(len(key))
	case "Y,YYY":
		err = r.yearWithComma()
	default:
		err = r.dayField(key)
	}
	return err
}

func (r *timeReader) dayField(key string) (err error) {
	switch key {
	case "MM":
		_, err = r.number(&r.mm, 2)
	case "DD":
		_, err = r.number(&r.dd, 2)
	case "DDD", "IDDD":
		_, err = r.number(&r.ddd, 3)
	case "D":
		_, err = r.number(&r.d, 1)
	case "ID":
		if _, err = r.number(&r.d, 1); err == nil {
			if r.d++; r.d > 7 {
				r.d = 1
			}
		}
	case "WW", "IW":
		_, err = r.number(&r.ww, 2)
	case "W":
		_, err = r.number(&r.w, 1)
	case "CC":
		_, err = r.number(&r.cc, 2)
	case "J":
		_, err = r.number(&r.julian, 1)
	case "Q":
		var ignored int // which day of the quarter is not said
		_, err = r.number(&ignored, 1)
	}
	return err
}

// set gives a field its value; one that was read before must not change.
func (r *timeReader) set(to *int, v int) error {
	if *to != 0 && *to != v {
		return badTime("conflicting values for \"%s\" field in formatting string", r.node.text).
			WithDetail("This value contradicts a previous setting for the same field type.")
	}
	*to = v
	return nil
}

// number reads a whole number of width bytes, or of any number where no digit can follow, and returns the bytes read.
func (r *timeReader) number(to *int, width int) (n int, err error) {
	start := r.at
	r.skipBlanks()
	rest := r.in[r.at:]
	limited := !r.node.fill && !r.sep
	if limited {
		if len(rest) < width {
			return 0, badTime("source string too short for \"%s\" formatting field", r.node.text).
				WithDetail("Field requires %d characters, but only %d remain.", width, len(rest)).
				WithHint("If your source string is not fixed-width, try using the \"FM\" modifier.")
		}
		rest = rest[:width]
	}
	digits := leadingInt(rest)
	if limited && digits > 0 && digits < width {
		return 0, badTime("invalid value \"%s\" for \"%s\"", rest, r.node.text).
			WithDetail("Field requires %d characters, but only %d could be parsed.", width, digits).
			WithHint("If your source string is not fixed-width, try using the \"FM\" modifier.")
	}
	if r.at += digits; digits == 0 && !limited {
		r.at = start
	}
	if r.at == start {
		return 0, badTime("invalid value \"%s\" for \"%s\"", rest[:min(width, len(rest))], r.node.text).WithDetail("Value must be an integer.")
	}
	v := 0
	if digits > 0 {
		v, err = strconv.Atoi(strings.TrimLeft(rest[:digits], " \t\n\v\f\r"))
	}
	if errors.Is(err, strconv.ErrRange) || v < math.MinInt32 || v > math.MaxInt32 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "value for \"%s\" in source string is out of range", r.node.text).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32)
	}
	return r.at - start, r.set(to, v)
}

// leadingInt is the length of the number that s starts with, with blanks and a sign before it; 0 without a digit.
func leadingInt(s string) int {
	i := 0
	for i < len(s) && isSpaceByte(s[i]) {
		i++
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	start := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == start {
		return 0
	}
	return i
}

// fraction reads digits behind the point of a second: 5 is .5, that is 500 of 1000 (digits 3).
func (r *timeReader) fraction(to *int, width, digits int) error {
	n, err := r.number(to, width)
	for ; err == nil && n < digits; n++ {
		*to *= 10
	}
	return err
}

func (r *timeReader) zone(key string) error {
	if key == "TZM" {
		if r.zoneSign == 0 {
			r.zoneSign = 1
		}
		_, err := r.number(&r.zoneMinute, 2)
		return err
	}
	r.zoneSign = 1
	switch c := r.next(); {
	case c == '-':
		r.zoneSign = -1
		r.at++
	case c == '+' || c == ' ':
		r.at++
	case r.extra > 0 && r.at > 0 && r.in[r.at-1] == '-': // taken for a separator before
		r.zoneSign = -1
	}
	_, err := r.number(&r.zoneHour, 2)
	return err
}

// readYear reads a year of width digits; one with fewer than four is of the years around 2020.
func (r *timeReader) readYear(width int) error {
	n, err := r.number(&r.year, width)
	if err != nil {
		return err
	}
	r.yearDigits = width
	if width == 4 || n >= 4 {
		return nil
	}
	switch {
	case r.year < 70, r.year >= 100 && r.year < 520:
		r.year += 2000
	case r.year < 100:
		r.year += 1900
	case r.year < 1000:
		r.year += 1000
	}
	return nil
}

func (r *timeReader) yearWithComma() error {
	s := r.in[r.at:]
	n := leadingInt(s)
	bad := badTime("invalid input string for \"Y,YYY\"")
	if n == 0 || n >= len(s) || s[n] != ',' {
		return bad
	}
	thousands, _ := strconv.Atoi(strings.TrimSpace(s[:n]))
	rest := strings.TrimLeft(s[n+1:], " \t\n\v\f\r")
	m := leadingInt(rest[:min(3, len(rest))])
	if m == 0 {
		return bad
	}
	years, _ := strconv.Atoi(rest[:m])
	r.at = len(r.in) - len(rest) + m
	r.yearDigits = 4
	return r.set(&r.year, int(int32(years+thousands*1000)))
}

var (
	romanMonths = strings.Fields("xii xi x ix viii vii vi v iv iii ii i")
	monthNames  = namesOf(12, func(i int) string { return time.Month(i + 1).String() })
	dayNames    = namesOf(7, func(i int) string { return time.Weekday(i).String() })
)

func namesOf(n int, name func(int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = name(i)
	}
	return out
}

// word reads a field that is one of a list of words.
func (r *timeReader) word(key string) error {
	switch key {
	case "AM", "PM", "A.M.", "P.M.", "AD", "BC", "A.D.", "B.C.":
		words, to := []string{"am", "pm"}, &r.pm
		if strings.ContainsAny(key, "DB") {
			words, to = []string{"ad", "bc"}, &r.bc
		} else {
			r.half = true
		}
		if len(key) == 4 {
			words = []string{words[0][:1] + "." + words[0][1:] + ".", words[1][:1] + "." + words[1][1:] + "."}
		}
		return r.oneOf(words, false, func(i int) error { return r.set(to, i) })
	case "MONTH", "MON":
		return r.oneOf(monthNames, key == "MON", func(i int) error { return r.set(&r.mm, i+1) })
	case "RM":
		return r.oneOf(romanMonths, false, func(i int) error { return r.set(&r.mm, 12-i) })
	}
	// DAY and DY compare with the day's number before it is counted from 1.
	return r.oneOf(dayNames, key == "DY", func(i int) error {
		err := r.set(&r.d, i)
		r.d++
		return err
	})
}

// oneOf reads one of words, or the first three letters of one, and takes its number.
func (r *timeReader) oneOf(words []string, short bool, take func(i int) error) error {
	rest := r.in[r.at:]
	for i, w := range words {
		if short {
			w = w[:3]
		}
		if len(rest) >= len(w) && equalFoldASCII(rest[:len(w)], w) {
			r.at += len(w)
			return take(i)
		}
	}
	if end := strings.IndexAny(rest, " \t\n\r\f"); end >= 0 {
		rest = rest[:end]
	}
	return badTime("invalid value \"%s\" for \"%s\"", rest, r.node.text).
		WithDetail("The given value did not match any of the allowed values for this field.")
}

func equalFoldASCII(a, b string) bool {
	for i := range len(a) {
		if upperByte(a[i]) != upperByte(b[i]) {
			return false
		}
	}
	return true
}

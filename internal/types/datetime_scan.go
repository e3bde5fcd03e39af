package types

import (
	"math"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
)

// The input functions of dates, times and intervals follow PostgreSQL's: text is cut into fields by what each begins
// with (ParseDateTime), then the fields are given a meaning one by one (DecodeDateTime, DecodeInterval).

type fieldKind uint8

const (
	fieldNumber  fieldKind = iota // 12, 1.5
	fieldDate                     // 1999-01-08, 8-Jan-99, america/new_york
	fieldTime                     // 12:30:45.5
	fieldOffset                   // a sign, then digits
	fieldWord                     // letters
	fieldSpecial                  // a sign, then letters: -infinity
)

type timeField struct {
	kind fieldKind
	s    string // lower case
}

// The bounds of ParseDateTime: fields, and bytes of their text, with one more for the end of each.
const (
	timeFieldsMax = 25
	timeTextMax   = 128
	spanTextMax   = 255
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlpha(c byte) bool { return c|32 >= 'a' && c|32 <= 'z' }
func isPunct(c byte) bool { return c > ' ' && c < 0x7f && !isDigit(c) && !isAlpha(c) }

// scanTimeFields cuts s into fields of up to textMax bytes; ok is false for what no date or time looks like.
func scanTimeFields(s string, textMax int) (fields []timeField, ok bool) {
	if len(s) > 16*textMax {
		return nil, false
	}
	s = strings.ToLower(s)
	text := 0
	for i := 0; i < len(s); {
		start := i
		kind := fieldNumber
		switch c := s[i]; {
		case isSpace(c):
			i++
			continue
		case isDigit(c):
			kind, i = scanDigits(s, i)
		case c == '.':
			i = skip(s, i+1, isDigit)
		case isAlpha(c):
			kind, i = scanWord(s, i)
		case c == '+' || c == '-':
			f, end, ok := scanSigned(s, i)
			if !ok {
				return nil, false
			}
			if text += len(f.s) + 1; len(fields) >= timeFieldsMax || text > textMax+1 {
				return nil, false
			}
			fields, i = append(fields, f), end
			continue
		case isPunct(c):
			i++
			continue
		default:
			return nil, false
		}
		if text += i - start + 1; len(fields) >= timeFieldsMax || text > textMax+1 {
			return nil, false
		}
		fields = append(fields, timeField{kind, s[start:i]})
	}
	return fields, len(fields) > 0
}

func skip(s string, i int, in func(byte) bool) int {
	for i < len(s) && in(s[i]) {
		i++
	}
	return i
}

// scanDigits reads a field that begins with a digit.
func scanDigits(s string, i int) (fieldKind, int) {
	i = skip(s, i, isDigit)
	if i >= len(s) {
		return fieldNumber, i
	}
	switch delim := s[i]; delim {
	case ':':
		return fieldTime, skip(s, i, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
	case '-', '/', '.':
		i++
		if i >= len(s) || !isDigit(s[i]) {
			return fieldDate, skip(s, i, func(c byte) bool { return isDigit(c) || isAlpha(c) || c == delim })
		}
		kind := fieldDate
		if delim == '.' {
			kind = fieldNumber
		}
		i = skip(s, i, isDigit)
		if i < len(s) && s[i] == delim {
			kind = fieldDate
			i = skip(s, i, func(c byte) bool { return isDigit(c) || c == delim })
		}
		return kind, i
	}
	return fieldNumber, i
}

// scanWord reads letters, and what may follow them in a date (jan-8-1999) or a time zone's name.
func scanWord(s string, i int) (fieldKind, int) {
	start := i
	i = skip(s, i, isAlpha)
	if i >= len(s) {
		return fieldWord, i
	}
	dated := s[i] == '-' || s[i] == '/' || s[i] == '.'
	if !dated && (s[i] == '+' || isDigit(s[i])) {
		_, known := timeWords[clipToken(s[start:i])]
		dated = !known
	}
	if !dated {
		return fieldWord, i
	}
	return fieldDate, skip(s, i, func(c byte) bool { return isDigit(c) || isAlpha(c) || strings.IndexByte("+-/_.:", c) >= 0 })
}

// scanSigned reads a sign and the digits or letters behind it.
func scanSigned(s string, i int) (f timeField, end int, ok bool) {
	sign := s[i : i+1]
	i = skip(s, i+1, isSpace)
	if i >= len(s) {
		return f, i, false
	}
	switch {
	case isDigit(s[i]):
		end = skip(s, i, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
		return timeField{fieldOffset, sign + s[i:end]}, end, true
	case isAlpha(s[i]):
		end = skip(s, i, isAlpha)
		return timeField{fieldSpecial, sign + s[i:end]}, end, true
	}
	return f, i, false
}

// wordKind is what a word means in a date or time.
type wordKind uint8

const (
	wordIgnore  wordKind = iota + 1
	wordMonth            // value: 1..12
	wordDay              // a day of the week, checked by nobody
	wordAMPM             // 0 AM, 1 PM
	wordEra              // 0 AD, 1 BC
	wordISOTime          // T
	wordUnit             // y, m, d, h, mm, s, j: a label of the next field
	wordEpoch
	wordInfinity // 1, -1
	wordClock    // needs a clock: now, today …
	wordMidnight // allballs
	wordDST      // adds an hour to a zone
	wordAgo
)

type timeWord struct {
	kind  wordKind
	value int
}

// timeWords is PostgreSQL's datetktbl; words are cut to ten letters before they are looked up.
var timeWords = map[string]timeWord{
	"at": {wordIgnore, 0}, "on": {wordIgnore, 0},
	"am": {wordAMPM, 0}, "pm": {wordAMPM, 1},
	"ad": {wordEra, 0}, "bc": {wordEra, 1},
	"t": {wordISOTime, 0}, "j": {wordUnit, 0}, "jd": {wordUnit, 0}, "julian": {wordUnit, 0}, "y": {wordUnit, 0}, "m": {wordUnit, 0},
	"d": {wordUnit, 0}, "h": {wordUnit, 0}, "mm": {wordUnit, 0}, "s": {wordUnit, 0}, "dow": {wordUnit, 0}, "doy": {wordUnit, 0},
	"isodow": {wordUnit, 0}, "isoyear": {wordUnit, 0},
	"epoch": {wordEpoch, 0}, "infinity": {wordInfinity, 1}, "-infinity": {wordInfinity, -1},
	"now": {wordClock, 0}, "today": {wordClock, 0}, "tomorrow": {wordClock, 0}, "yesterday": {wordClock, 0},
	"allballs": {wordMidnight, 0}, "dst": {wordDST, 3600},
}

func init() {
	for i, names := range [...]string{"", "jan january", "feb february", "mar march", "apr april", "may", "jun june",
		"jul july", "aug august", "sep sept september", "oct october", "nov november", "dec december"} {
		for n := range strings.FieldsSeq(names) {
			timeWords[n] = timeWord{wordMonth, i}
		}
	}
	for i, names := range [...]string{"sun sunday", "mon monday", "tue tues tuesday", "wed weds wednesday",
		"thu thur thurs thursday", "fri friday", "sat saturday"} {
		for n := range strings.FieldsSeq(names) {
			timeWords[n] = timeWord{wordDay, i}
		}
	}
}

// clipToken cuts a word to the length PostgreSQL compares (TOKMAXLEN).
func clipToken(s string) string { return s[:min(len(s), 10)] }

// timeFault is why a date or time cannot be read.
type timeFault uint8

const (
	faultFormat timeFault = iota + 1
	faultField
	faultMonthDay // the month or day: perhaps they are the other way round
	faultInterval
	faultOffset
	faultZone
	faultClock
)

// report makes the error for text s of type typ; word is the zone's name for faultZone.
func (t timeFault) report(typ, s, word string) error {
	switch t {
	case faultField, faultMonthDay:
		e := pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", s)
		if t == faultMonthDay {
			return e.WithHint("Perhaps you need a different \"datestyle\" setting.")
		}
		return e
	case faultInterval:
		return pgerr.New(pgerr.IntervalFieldOverflow, "interval field value out of range: \"%s\"", s)
	case faultOffset:
		return pgerr.New("22009", "time zone displacement out of range: \"%s\"", s)
	case faultZone:
		return pgerr.New(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", word)
	case faultClock:
		return pgerr.Unsupported(pgerr.NoPos, "the special date/time value \"%s\"", word).
			WithHint("Use now() or current_date.")
	}
	return pgerr.New(pgerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typ, s)
}

// atoi reads all of s as a number of at most nine digits.
func atoi(s string) (int, bool) {
	if s == "" || len(s) > 9 || skip(s, 0, isDigit) != len(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

const maxInt32 = math.MaxInt32

// cInt64 reads a number at the beginning of s, as C's strtol does: blanks, a sign and digits, or nothing, which is 0.
// over says that it is beyond an int64.
func cInt64(s string) (n int64, rest string, over bool) {
	start := skip(s, 0, isSpace)
	end := start
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	digits := end
	if end = skip(s, end, isDigit); end == digits {
		return 0, s, false
	}
	n, err := strconv.ParseInt(s[start:end], 10, 64)
	return n, s[end:], err != nil
}

// cInt is cInt64 for C's int.
func cInt(s string) (n int, rest string, over bool) {
	v, rest, over := cInt64(s)
	return int(v), rest, over || v != int64(int32(v))
}

// wrapInt is C's atoi of digits: what is too long wraps around.
func wrapInt(s string) int {
	n, _ := strconv.ParseInt(s, 10, 64)
	return int(int32(n))
}

// fractionOf reads all of ".ddd", where the digits may be missing.
func fractionOf(s string) (float64, bool) {
	if skip(s, 1, isDigit) != len(s) {
		return 0, false
	}
	if len(s) == 1 {
		return 0, true
	}
	f, err := strconv.ParseFloat("0"+s, 64)
	return f, err == nil
}

func roundEven(f float64) int64 { return int64(math.RoundToEven(f)) }

// fraction reads ".ddd" as microseconds, rounded.
func fraction(s string) (int64, timeFault) {
	f, ok := fractionOf(s)
	if !ok {
		return 0, faultFormat
	}
	return roundEven(f * 1e6), 0
}

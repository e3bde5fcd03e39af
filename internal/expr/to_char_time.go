package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_char of timestamps and intervals.

// timeGrammar knows the fields of times, longer ones before their prefixes.
var timeGrammar = newTemplateGrammar(true, "SSSSS", "SSSS", "MONTH", "YYYY", "IYYY", "Y,YYY", "A.D.", "A.M.", "B.C.", "P.M.", "HH24", "HH12", "IDDD", "YYY", "IYY",
	"DDD", "DAY", "MON", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX", "TZH", "TZM", "AD", "AM", "BC", "CC", "DD", "DY", "HH", "ID",
	"IW", "IY", "MI", "MM", "MS", "OF", "PM", "RM", "SS", "TZ", "US", "WW", "YY", "D", "I", "J", "Q", "W", "Y")

// timeFields are the parts of a timestamp or interval.
type timeFields struct {
	year, month, day         int
	hour, minute, second, us int
	days                     int64 // since 2000-01-01; timestamps only
	span                     bool
	zone                     string
	offset                   int
}

func fieldsOf(local int64) timeFields {
	d := types.TimestampToDate(local)
	t := types.TimestampToTime(local)
	f := timeFields{days: d}
	f.year, f.month, f.day = types.CivilFromDays(d)
	f.clock(t)
	return f
}

func (f *timeFields) clock(t int64) {
	f.us = int(t % 1e6)
	f.second, f.minute, f.hour = int(t/1e6%60), int(t/6e7%60), int(t/36e8)
}

func init() {
	def("to_char(timestamp, text) text stable", "written by a template", "to_char('2002-04-20 17:31:12.66'::timestamp, 'HH12:MI:SS') => 05:31:12",
		rows(func(r *row, a []types.Value) (types.Value, error) {
			if types.IsInfinite(a[0].I) {
				return types.Null, nil
			}
			f := fieldsOf(a[0].I)
			return f.write(r, string(a[1].Bytes))
		}))
	def("to_char(timestamptz, text) text stable", "written by a template in local time", "", rows(func(r *row, a []types.Value) (types.Value, error) {
		if types.IsInfinite(a[0].I) {
			return types.Null, nil
		}
		loc := r.x.loc()
		f := fieldsOf(types.UTCToLocal(a[0].I, loc))
		f.zone, f.offset = types.ToTime(a[0].I).In(loc).Zone()
		return f.write(r, string(a[1].Bytes))
	}))
	def("to_char(interval, text) text stable", "written by a template", "to_char('15h 2m 12s'::interval, 'HH24:MI:SS') => 15:02:12",
		rows(func(r *row, a []types.Value) (types.Value, error) {
			s := a[0].S
			f := timeFields{span: true, year: int(s.Months / 12), month: int(s.Months % 12), day: int(s.Days)}
			f.clock(s.Micros)
			return f.write(r, string(a[1].Bytes))
		}))
}

// write gives NULL for an empty template, as PostgreSQL does.
func (f *timeFields) write(r *row, template string) (types.Value, error) {
	if template == "" {
		return types.Null, nil
	}
	r.buf = r.buf[:0]
	nodes, err := timeGrammar.parse(template, nil)
	for _, n := range nodes {
		if n.key == "" {
			r.buf = append(r.buf, n.text...)
			continue
		}
		s, err := f.field(n)
		if err != nil {
			return types.Null, err
		}
		r.buf = append(r.buf, s...)
		if n.suffix == "" || !takesOrdinal(n.key) || s == "" {
			continue
		}
		th, err := ordinal(s, n.suffix)
		if err != nil {
			return types.Null, err
		}
		r.buf = append(r.buf, th...)
	}
	return types.Value{Bytes: r.buf}, err
}

// takesOrdinal reports the fields that are numbers: a TH behind the others is dropped.
func takesOrdinal(key string) bool {
	switch key {
	case "A.D.", "A.M.", "B.C.", "P.M.", "AD", "AM", "BC", "PM", "MONTH", "MON", "DAY", "DY", "RM", "TZ", "TZH", "TZM", "OF", "FX":
		return false
	}
	return true
}

func isNumeric(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }

// pad writes n with width digits, unless FM; a minus sign takes one more place.
func (p templateNode) pad(n, width int) string { return p.padLike(n, width, n) }

// padLike is pad where the sign of another number makes the place.
func (p templateNode) padLike(n, width, of int) string {
	if of < 0 {
		width++
	}
	return p.padTo(n, width)
}

// padTo writes n in width places, its sign among them, unless FM.
func (p templateNode) padTo(n, width int) string {
	if p.fill {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%0*d", width, n)
}

// word writes a name in the case of the pattern, padded with blanks unless FM.
func (p templateNode) word(s string, width int) string {
	switch {
	case p.text == strings.ToUpper(p.text):
		s = strings.ToUpper(s)
	case p.text[0] >= 'a':
		s = strings.ToLower(s)
	}
	if !p.fill && !p.local {
		s = fmt.Sprintf("%-*s", width, s)
	}
	return s
}

func half(p templateNode, second bool, a, b string) string {
	if second {
		a = b
	}
	if strings.Contains(p.key, ".") {
		a = a[:1] + "." + a[1:] + "."
	}
	if p.text[0] >= 'a' {
		return strings.ToLower(a)
	}
	return a
}

func (f *timeFields) field(p templateNode) (string, error) {
	if s, ok := f.clockField(p); ok {
		return s, nil
	}
	if f.span {
		switch p.key {
		case "D", "DAY", "DY", "ID", "MON", "MONTH", "BC", "B.C.", "AD", "A.D.", "TZ", "TZH", "TZM", "OF":
			return "", pgerr.New(pgerr.InvalidDatetimeFormat, "invalid format specification for an interval value").
				WithHint("Intervals are not tied to specific calendar dates.")
		}
	}
	if s, ok := f.yearField(p); ok {
		return s, nil
	}
	return f.dayField(p), nil
}

func (f *timeFields) clockField(p templateNode) (string, bool) {
	switch p.key {
	case "HH24":
		return p.pad(f.hour, 2), true
	case "HH", "HH12":
		h := f.hour % 12
		if h == 0 {
			h = 12
		}
		return p.padLike(h, 2, f.hour), true
	case "MI":
		return p.pad(f.minute, 2), true
	case "SS":
		return p.pad(f.second, 2), true
	case "MS":
		return f.fraction(3), true
	case "US":
		return f.fraction(6), true
	case "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		return f.fraction(int(p.key[2] - '0')), true
	case "FX":
		return "", true
	case "SSSS", "SSSSS":
		return strconv.Itoa(f.hour*3600 + f.minute*60 + f.second), true
	case "AM", "PM", "A.M.", "P.M.":
		return half(p, f.hour%24 >= 12, "AM", "PM"), true
	}
	return "", false
}

// fraction is the first digits digits behind the point of the second.
func (f *timeFields) fraction(digits int) string {
	us := f.us
	for range 6 - digits {
		us /= 10
	}
	return fmt.Sprintf("%0*d", digits, us)
}

func (f *timeFields) yearField(p templateNode) (string, bool) {
	year := f.year
	if p.key[0] == 'I' {
		year, _ = isoWeek(f.year, f.month, f.day)
	}
	sign := f.year
	if !f.span {
		sign = 1
		if year <= 0 {
			year = 1 - year
		}
	}
	switch p.key {
	case "Y,YYY":
		return fmt.Sprintf("%d,%03d", year/1000, year%1000), true
	case "YYYY", "IYYY":
		return p.padLike(year, 4, sign), true
	case "YYY", "IYY":
		return p.padLike(year%1000, 3, sign), true
	case "YY", "IY":
		return p.padLike(year%100, 2, sign), true
	case "Y", "I":
		return strconv.Itoa(year % 10), true
	case "BC", "AD", "B.C.", "A.D.":
		return half(p, f.year <= 0, "AD", "BC"), true
	case "CC":
		if f.span {
			return p.pad(f.year/100, 2), true
		}
		if f.year > 0 {
			return p.pad((f.year-1)/100+1, 2), true
		}
		return p.pad(f.year/100-1, 2), true
	case "MM":
		return p.pad(f.month, 2), true
	case "MONTH":
		return p.word(time.Month(f.month).String(), 9), true
	case "MON":
		return p.word(time.Month(f.month).String()[:3], 0), true
	case "RM":
		return f.roman(p), true
	case "Q":
		if f.month == 0 {
			return "", true
		}
		return strconv.Itoa((f.month-1)/3 + 1), true
	}
	return "", false
}

func (f *timeFields) roman(p templateNode) string {
	names := []string{"XII", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}
	if f.month <= 0 && !f.span || f.month == 0 && f.year == 0 {
		return ""
	}
	s := names[((f.month%12)+12)%12]
	if p.text[0] >= 'a' {
		s = strings.ToLower(s)
	}
	if !p.fill {
		s = fmt.Sprintf("%-4s", s)
	}
	return s
}

// weekday is 0 for Sunday.
func (f *timeFields) weekday() int { return int(((f.days+6)%7 + 7) % 7) }

// yearDay counts from 1; of an interval it is about all its days.
func (f *timeFields) yearDay() int {
	if f.span {
		return int(int32((f.year*12+f.month)*30 + f.day))
	}
	return int(f.days-types.DaysFromCivil(f.year, 1, 1)) + 1
}

func (f *timeFields) dayField(p templateNode) string {
	switch p.key {
	case "DAY":
		return p.word(time.Weekday(f.weekday()).String(), 9)
	case "DY":
		return p.word(time.Weekday(f.weekday()).String()[:3], 0)
	case "DD":
		return p.padTo(f.day, 2)
	case "DDD":
		return p.padTo(f.yearDay(), 3)
	case "IDDD":
		year, _ := isoWeek(f.year, f.month, f.day)
		return p.padTo(julianDay(f.year, f.month, f.day)-isoYearStart(year)+1, 3)
	case "D":
		return strconv.Itoa(f.weekday() + 1)
	case "ID":
		return strconv.Itoa((f.weekday()+6)%7 + 1)
	case "W":
		return strconv.Itoa((f.day-1)/7 + 1)
	case "WW":
		return p.padTo((f.yearDay()-1)/7+1, 2)
	case "IW":
		_, week := isoWeek(f.year, f.month, f.day)
		return p.padTo(week, 2)
	case "J":
		return strconv.Itoa(julianDay(f.year, f.month, f.day))
	}
	return f.zoneField(p)
}

func (f *timeFields) zoneField(p templateNode) string {
	off, sign := f.offset, "+"
	if off < 0 {
		off, sign = -off, "-"
	}
	switch p.key {
	case "TZ":
		if p.text[0] >= 'a' {
			return strings.ToLower(f.zone)
		}
		return f.zone
	case "TZH":
		return fmt.Sprintf("%s%02d", sign, off/3600)
	case "TZM":
		return fmt.Sprintf("%02d", off/60%60)
	}
	s := sign + p.padTo(off/3600, 2)
	if off%3600 != 0 {
		s += fmt.Sprintf(":%02d", off/60%60)
	}
	return s
}

package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_char of timestamps and intervals.

// timePattern is one piece of a template: a field, or literal text.
type timePattern struct {
	key    string // upper case; "" for literal text
	text   string // as written, or the literal
	fill   bool   // FM: no padding
	suffix string // "TH", "th" or ""
}

// timeKeys are the template patterns, longer ones before their prefixes.
var timeKeys = []string{"SSSSS", "SSSS", "MONTH", "YYYY", "IYYY", "Y,YYY", "A.D.", "A.M.", "B.C.", "P.M.", "HH24", "HH12", "IDDD", "YYY", "IYY",
	"DDD", "DAY", "MON", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "TZH", "TZM", "AD", "AM", "BC", "CC", "DD", "DY", "HH", "ID",
	"IW", "IY", "MI", "MM", "MS", "OF", "PM", "RM", "SS", "TZ", "US", "WW", "YY", "D", "I", "J", "Q", "W", "Y"}

// parseTimeTemplate splits a template into patterns.
func parseTimeTemplate(s string) (out []timePattern) {
	lit := func(t string) {
		if k := len(out) - 1; k >= 0 && out[k].key == "" {
			out[k].text += t
		} else {
			out = append(out, timePattern{text: t})
		}
	}
	for s != "" {
		if s[0] == '"' {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				lit(s[1:])
				return out
			}
			lit(s[1 : end+1])
			s = s[end+2:]
			continue
		}
		p := timePattern{}
		rest := s
		for len(rest) > 2 && (strings.EqualFold(rest[:2], "FM") || strings.EqualFold(rest[:2], "TM")) {
			p.fill = true
			rest = rest[2:]
		}
		for _, k := range timeKeys {
			if len(rest) >= len(k) && strings.EqualFold(rest[:len(k)], k) {
				p.key, p.text = k, rest[:len(k)]
				break
			}
		}
		if p.key == "" {
			_, size := utf8.DecodeRuneInString(s)
			if s[0] == '\\' && len(s) > 1 {
				s = s[1:]
				_, size = utf8.DecodeRuneInString(s)
			}
			lit(s[:size])
			s = s[size:]
			continue
		}
		s = rest[len(p.key):]
		if len(s) >= 2 && strings.EqualFold(s[:2], "TH") {
			p.suffix = s[:2]
			s = s[2:]
		}
		out = append(out, p)
	}
	return out
}

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
	def("to_char(timestamp, text) text", "written by a template", "to_char('2002-04-20 17:31:12.66'::timestamp, 'HH12:MI:SS') => 05:31:12",
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
	def("to_char(interval, text) text", "written by a template", "to_char('15h 2m 12s'::interval, 'HH24:MI:SS') => 15:02:12",
		rows(func(r *row, a []types.Value) (types.Value, error) {
			s := a[0].S
			f := timeFields{span: true, year: int(s.Months / 12), month: int(s.Months % 12), day: int(s.Days)}
			f.clock(s.Micros)
			return f.write(r, string(a[1].Bytes))
		}))
}

func (f *timeFields) write(r *row, template string) (types.Value, error) {
	r.buf = r.buf[:0]
	for _, p := range parseTimeTemplate(template) {
		if p.key == "" {
			r.buf = append(r.buf, p.text...)
			continue
		}
		s, err := f.field(p)
		if err != nil {
			return types.Null, err
		}
		r.buf = append(r.buf, s...)
		if p.suffix != "" && isNumeric(s) {
			r.buf = append(r.buf, ordinal(s, p.suffix)...)
		}
	}
	return types.Value{Bytes: r.buf}, nil
}

func isNumeric(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }

// ordinal is st, nd, rd or th, in the case asked for.
func ordinal(s, as string) string {
	th := "th"
	if len(s) < 2 || s[len(s)-2] != '1' {
		switch s[len(s)-1] {
		case '1':
			th = "st"
		case '2':
			th = "nd"
		case '3':
			th = "rd"
		}
	}
	if as == "TH" {
		return strings.ToUpper(th)
	}
	return th
}

// pad writes n with width digits, unless FM.
func (p timePattern) pad(n, width int) string {
	if p.fill {
		return strconv.Itoa(n)
	}
	if n < 0 {
		width++
	}
	return fmt.Sprintf("%0*d", width, n)
}

// word writes a name in the case of the pattern, padded with blanks unless FM.
func (p timePattern) word(s string, width int) string {
	switch {
	case p.text == strings.ToUpper(p.text):
		s = strings.ToUpper(s)
	case p.text[0] >= 'a':
		s = strings.ToLower(s)
	}
	if !p.fill {
		s = fmt.Sprintf("%-*s", width, s)
	}
	return s
}

func half(p timePattern, second bool, a, b string) string {
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

func (f *timeFields) field(p timePattern) (string, error) {
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

func (f *timeFields) clockField(p timePattern) (string, bool) {
	switch p.key {
	case "HH24":
		return p.pad(f.hour, 2), true
	case "HH", "HH12":
		h := f.hour % 12
		if h == 0 {
			h = 12
		}
		return p.pad(h, 2), true
	case "MI":
		return p.pad(f.minute, 2), true
	case "SS":
		return p.pad(f.second, 2), true
	case "MS", "FF3":
		return fmt.Sprintf("%03d", f.us/1000), true
	case "US", "FF6":
		return fmt.Sprintf("%06d", f.us), true
	case "FF1", "FF2", "FF4", "FF5":
		return fmt.Sprintf("%06d", f.us)[:p.key[2]-'0'], true
	case "SSSS", "SSSSS":
		return strconv.Itoa(f.hour*3600 + f.minute*60 + f.second), true
	case "AM", "PM", "A.M.", "P.M.":
		return half(p, f.hour%24 >= 12, "AM", "PM"), true
	}
	return "", false
}

func (f *timeFields) yearField(p timePattern) (string, bool) {
	year := f.year
	if p.key[0] == 'I' && !f.span {
		year, _, _ = f.iso()
	}
	if year <= 0 && !f.span {
		year = 1 - year
	}
	switch p.key {
	case "Y,YYY":
		return fmt.Sprintf("%d,%03d", year/1000, year%1000), true
	case "YYYY", "IYYY":
		return p.pad(year, 4), true
	case "YYY", "IYY":
		return p.pad(year%1000, 3), true
	case "YY", "IY":
		return p.pad(year%100, 2), true
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
		return p.pad(-(year-1)/100-1, 2), true
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

func (f *timeFields) roman(p timePattern) string {
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

func (f *timeFields) yearDay() int { return int(f.days-types.DaysFromCivil(f.year, 1, 1)) + 1 }

// iso gives ISO 8601's year, week and weekday (Monday 1).
func (f *timeFields) iso() (year, week, day int) {
	day = (f.weekday()+6)%7 + 1
	thursday := f.days - int64(day) + 4
	year, _, _ = types.CivilFromDays(thursday)
	week = int(thursday-types.DaysFromCivil(year, 1, 1))/7 + 1
	return year, week, day
}

func (f *timeFields) dayField(p timePattern) string {
	_, week, isoDay := 0, 0, 0
	if !f.span {
		_, week, isoDay = f.iso()
	}
	switch p.key {
	case "DAY":
		return p.word(time.Weekday(f.weekday()).String(), 9)
	case "DY":
		return p.word(time.Weekday(f.weekday()).String()[:3], 0)
	case "DD":
		return p.pad(f.day, 2)
	case "DDD":
		if f.span {
			return p.pad(f.year*360+f.month*30+f.day, 3)
		}
		return p.pad(f.yearDay(), 3)
	case "IDDD":
		return p.pad((week-1)*7+isoDay, 3)
	case "D":
		return strconv.Itoa(f.weekday() + 1)
	case "ID":
		return strconv.Itoa(isoDay)
	case "W":
		return strconv.Itoa((f.day-1)/7 + 1)
	case "WW":
		if f.span {
			return p.pad((f.year*360+f.month*30+f.day-1)/7+1, 2)
		}
		return p.pad((f.yearDay()-1)/7+1, 2)
	case "IW":
		return p.pad(week, 2)
	case "J":
		return strconv.FormatInt(f.days+2451545, 10)
	}
	return f.zoneField(p)
}

func (f *timeFields) zoneField(p timePattern) string {
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
	if off%3600 != 0 {
		return fmt.Sprintf("%s%02d:%02d", sign, off/3600, off/60%60)
	}
	return fmt.Sprintf("%s%02d", sign, off/3600)
}

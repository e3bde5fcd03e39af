package expr

import (
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_date and to_timestamp: text read by a template.

func init() {
	def("to_date(text, text) date", "a date read by a template", "to_date('05 Dec 2000', 'DD Mon YYYY') => 2000-12-05",
		two(func(_ *row, a, b types.Value) (types.Value, error) {
			p, err := readTime(string(a.Bytes), string(b.Bytes))
			if err != nil {
				return types.Null, err
			}
			d, err := p.date()
			if err == nil {
				_, err = p.clock()
			}
			return types.IntValue(d), err
		}))
	def("to_timestamp(text, text) timestamptz stable", "a timestamp read by a template", "to_timestamp('05 Dec 2000', 'DD Mon YYYY') => 2000-12-05 00:00:00+00",
		two(func(r *row, a, b types.Value) (types.Value, error) {
			p, err := readTime(string(a.Bytes), string(b.Bytes))
			if err != nil {
				return types.Null, err
			}
			ts, err := p.timestamp(r.x.loc())
			return types.IntValue(ts), err
		}))
}

// timeReader is the state of reading a text and what has been found.
type timeReader struct {
	in   string
	year int
	f    timeFields
	pm   int // 1 AM, 2 PM, 0 not said
	half bool
	bc   bool
	zone bool
	doy  int
	week int // WW
	cc   int
	day  int // of the Julian calendar's count
	has  map[string]bool
	off  int // seconds east of UTC
}

func readTime(text, template string) (*timeReader, error) {
	p := &timeReader{in: strings.TrimLeft(text, " "), has: map[string]bool{}, f: timeFields{month: 1, day: 1}}
	patterns := parseTimeTemplate(template)
	for i, pat := range patterns {
		if pat.key == "" {
			p.skip(pat.text)
			continue
		}
		p.in = strings.TrimLeft(p.in, " ")
		next := i+1 < len(patterns) && patterns[i+1].key != ""
		if p.in == "" {
			break
		}
		if err := p.read(pat, next); err != nil {
			return nil, err
		}
		if pat.suffix != "" && len(p.in) >= 2 {
			p.in = p.in[2:]
		}
	}
	return p, nil
}

// skip passes over literal text: letters and digits take one character each, separators any separators.
func (p *timeReader) skip(text string) {
	for range text {
		if p.in == "" {
			return
		}
		if c := text[0] | 0x20; c >= 'a' && c <= 'z' || isNumeric(text[:1]) || !isNumeric(p.in[:1]) && p.in[0]|0x20 < 'a' && p.in[0] != '-' && p.in[0] != '+' || p.in[0] == text[0] {
			p.in = p.in[1:]
		}
	}
}

// digits reads a number of up to n digits; without a separator behind it, exactly what the pattern is wide.
func (p *timeReader) digits(pat timePattern, n int, exact bool) (int, error) {
	if !exact {
		n = max(n, 9)
	}
	i, v := 0, 0
	sign := 1
	if p.in[0] == '-' || p.in[0] == '+' {
		if p.in[0] == '-' {
			sign = -1
		}
		p.in = p.in[1:]
	}
	for i < len(p.in) && i < n && p.in[i] >= '0' && p.in[i] <= '9' {
		v = v*10 + int(p.in[i]-'0')
		i++
	}
	if i == 0 {
		return 0, pgerr.New(pgerr.InvalidDatetimeFormat, "invalid value %q for %q", p.in[:min(len(p.in), n)], pat.text).
			WithDetail("Value must be an integer.")
	}
	p.in = p.in[i:]
	return sign * v, nil
}

func (p *timeReader) read(pat timePattern, exact bool) error {
	if done, err := p.readWord(pat); done {
		return err
	}
	width := map[string]int{"YYYY": 4, "Y,YYY": 5, "YYY": 3, "Y": 1, "US": 6, "MS": 3, "DDD": 3, "SSSS": 5, "SSSSS": 5, "J": 7, "Q": 1, "D": 1, "W": 1}[pat.key]
	if width == 0 {
		width = 2
	}
	if strings.HasPrefix(pat.key, "FF") {
		width = int(pat.key[2] - '0')
	}
	if pat.key == "OF" || pat.key == "TZ" {
		return pgerr.Unsupported(pgerr.NoPos, "formatting field \"%s\" outside of to_char", pat.text)
	}
	before := len(p.in)
	v, err := p.digits(pat, width, exact || pat.key == "US" || pat.key == "MS" || pat.key[0] == 'F')
	if err != nil {
		return err
	}
	n := before - len(p.in)
	p.has[pat.key] = true
	switch pat.key {
	case "Q", "D":
		// read, but it says nothing about the day
	case "CC":
		p.cc = v
	case "WW":
		p.week = v
	case "W":
		p.f.day = (v-1)*7 + 1
	case "J":
		p.day = v
	case "SSSS", "SSSSS":
		p.f.hour, p.f.minute, p.f.second = v/3600, v/60%60, v%60
	case "YYYY":
		p.year = v
	case "YYY", "YY", "Y":
		if p.year = v; v < 100 && n <= 2 {
			p.year = 2000 + v
			if v >= 70 {
				p.year = 1900 + v
			}
		}
	case "MM":
		p.f.month = v
	case "DD":
		p.f.day = v
	case "DDD":
		p.doy = v
	case "HH24":
		p.f.hour = v
	case "HH", "HH12":
		if v < 1 || v > 12 {
			return pgerr.New(pgerr.InvalidDatetimeFormat, "hour \"%d\" is invalid for the 12-hour clock", v).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		p.f.hour, p.half = v, true
	case "MI":
		p.f.minute = v
	case "SS":
		p.f.second = v
	case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		for ; n < 6; n++ {
			v *= 10
		}
		p.f.us = v
	case "TZH":
		p.zone, p.off = true, p.off+v*3600
	case "TZM":
		p.zone, p.off = true, p.off+v*60
	default:
		return pgerr.Unsupported(pgerr.NoPos, "the pattern %s of to_date and to_timestamp", pat.key)
	}
	return nil
}

// readWord reads names of months and days, AM and PM, BC and AD.
func (p *timeReader) readWord(pat timePattern) (done bool, err error) {
	var words []string
	short := false
	switch pat.key {
	case "MONTH", "MON":
		for m := time.January; m <= time.December; m++ {
			words = append(words, m.String())
		}
		short = pat.key == "MON"
	case "DAY", "DY":
		for d := time.Sunday; d <= time.Saturday; d++ {
			words = append(words, d.String())
		}
		short = pat.key == "DY"
	case "RM":
		return true, p.romanMonth(pat)
	case "AM", "PM":
		words = []string{"am", "pm"}
	case "A.M.", "P.M.":
		words = []string{"a.m.", "p.m."}
	case "AD", "BC":
		words = []string{"ad", "bc"}
	case "A.D.", "B.C.":
		words = []string{"a.d.", "b.c."}
	default:
		return false, nil
	}
	for i, w := range words {
		if short {
			w = w[:3]
		}
		if len(p.in) < len(w) || !strings.EqualFold(p.in[:len(w)], w) {
			continue
		}
		p.in = p.in[len(w):]
		switch pat.key {
		case "MONTH", "MON":
			p.f.month = i + 1
		case "AM", "PM", "A.M.", "P.M.":
			p.pm = i + 1
		case "AD", "BC", "A.D.", "B.C.":
			p.bc = i == 1
		}
		return true, nil
	}
	return true, pgerr.New(pgerr.InvalidDatetimeFormat, "invalid value %q for %q", p.in[:min(len(p.in), len(pat.text))], pat.text).
		WithDetail("The given value did not match any of the allowed values for this field.")
}

// romanMonth reads a month in Roman numerals: the longest one that fits.
func (p *timeReader) romanMonth(pat timePattern) error {
	best := 0
	names := strings.Fields("I II III IV V VI VII VIII IX X XI XII")
	for i, w := range names {
		if len(p.in) >= len(w) && strings.EqualFold(p.in[:len(w)], w) && (best == 0 || len(w) > len(names[best-1])) {
			best = i + 1
		}
	}
	if best == 0 {
		return pgerr.New(pgerr.InvalidDatetimeFormat, "invalid value %q for %q", p.in[:min(len(p.in), 2)], pat.text).
			WithDetail("The given value did not match any of the allowed values for this field.")
	}
	p.in, p.f.month = p.in[len(names[best-1]):], best
	return nil
}

func (p *timeReader) date() (int64, error) {
	const day2000 = 2451545 // of the Julian calendar's count
	if p.has["J"] {
		return int64(p.day) - day2000, nil
	}
	if p.week > 0 {
		p.doy = (p.week-1)*7 + 1
	}
	if p.cc > 0 {
		switch {
		case p.has["YYYY"] || p.has["YYY"] || p.has["Y,YYY"]:
		case p.has["YY"] || p.has["Y"]:
			if p.year %= 100; p.year > 0 {
				p.year += (p.cc - 1) * 100
			} else {
				p.year = p.cc * 100
			}
		default:
			p.year = (p.cc-1)*100 + 1
		}
	}
	if p.doy > 0 && p.year == 0 && !p.bc {
		return 0, pgerr.New(pgerr.InvalidDatetimeFormat, "cannot calculate day of year without year information")
	}
	year := p.year
	if p.bc {
		year = -year
	} else if year == 0 {
		year = -1 // without a year it is the year before 1, as in PostgreSQL
	}
	if p.doy > 0 {
		d, err := types.MakeDate(int64(year), 1, 1)
		return d + int64(p.doy) - 1, err
	}
	d, err := types.MakeDate(int64(year), int64(p.f.month), int64(p.f.day))
	if err != nil {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%04d-%02d-%02d\"", p.year, p.f.month, p.f.day)
	}
	return d, nil
}

func (p *timeReader) timestamp(loc *time.Location) (int64, error) {
	d, err := p.date()
	if err != nil {
		return 0, err
	}
	clock, err := p.clock()
	if err != nil {
		return 0, err
	}
	local := d*types.MicrosPerDay + clock
	if p.zone {
		return local - int64(p.off)*1e6, nil
	}
	return types.LocalToUTC(local, loc), nil
}

// clock is the time of the day in microseconds.
func (p *timeReader) clock() (int64, error) {
	hour := p.f.hour
	if p.half && p.pm > 0 {
		hour = hour%12 + 12*(p.pm-1)
	}
	if hour < 0 || hour > 23 || p.f.minute < 0 || p.f.minute > 59 || p.f.second < 0 || p.f.second > 59 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%02d:%02d:%02d\"", hour, p.f.minute, p.f.second)
	}
	return (int64(hour)*3600+int64(p.f.minute)*60+int64(p.f.second))*1e6 + int64(p.f.us), nil
}

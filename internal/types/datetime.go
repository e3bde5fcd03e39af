package types

import (
	"strconv"
	"strings"
	"time"

	"streamsql/internal/pgerr"
)

// The fields a date or time has got so far.
type fieldMask uint8

const (
	gotYear fieldMask = 1 << iota
	gotMonth
	gotDay
	gotTime
	gotZone
	gotAMPM
	gotEra
	gotWeekday

	gotDate = gotYear | gotMonth | gotDay
)

// timeDecoder collects the fields of one date, time or timestamp.
type timeDecoder struct {
	f        *Format
	timeOnly bool // input of type time: numbers are times
	noDate   bool // … and what looks like a date is a time with an offset: 040506-08

	got       fieldMask
	y, m, d   int
	yday      int // day of the year, when the date came as yyyy.ddd
	micros    int64
	pm, bc    bool
	mer       bool // am or pm was said
	twoDigits bool // of the year
	textMonth bool
	julian    bool
	days      int64 // when julian
	off       int   // seconds east, when gotZone and loc is nil
	loc       *time.Location
	prefix    wordKind // T or J before the next field
	special   wordKind // epoch, infinity
	specialV  int
	word      string // for the error message
}

// decodeTimeFields gives a meaning to the fields of s.
func (dt *timeDecoder) decode(s string) timeFault {
	fields, ok := scanTimeFields(s)
	if !ok {
		return faultFormat
	}
	for i, f := range fields {
		before := dt.got
		var next *timeField
		if i+1 < len(fields) {
			next = &fields[i+1]
		}
		dt.noDate = dt.timeOnly && (i > 0 || next == nil || next.kind != fieldTime && fields[len(fields)-1].kind != fieldDate)
		got, fault := dt.field(f, next)
		if fault != 0 {
			return fault
		}
		if before&got != 0 {
			return faultFormat
		}
		dt.got = before | got
	}
	if dt.prefix != 0 {
		return faultFormat
	}
	return dt.finish()
}

func (dt *timeDecoder) field(f timeField, next *timeField) (fieldMask, timeFault) {
	prefix := dt.prefix
	dt.prefix = 0
	switch f.kind {
	case fieldDate:
		if dt.got&gotDate == gotDate || prefix != 0 || dt.noDate {
			if isDigit(f.s[0]) || prefix != 0 {
				return dt.timeAndOffset(f.s, prefix)
			}
			return dt.zoneName(f.s)
		}
		return dt.date(f.s)
	case fieldTime:
		return dt.clock(f.s)
	case fieldOffset:
		off, fault := offsetField(f.s)
		dt.off = off
		return gotZone, fault
	case fieldNumber:
		return dt.numberField(f.s, prefix)
	}
	return dt.wordField(f.s, next)
}

// timeAndOffset reads what is left of an ISO time without separators and its zone: 040506-08.
func (dt *timeDecoder) timeAndOffset(s string, prefix wordKind) (fieldMask, timeFault) {
	i := strings.IndexByte(s, '-')
	if i < 0 || prefix == wordJulian {
		return 0, faultFormat
	}
	off, fault := offsetField(s[i:])
	if fault != 0 {
		return 0, fault
	}
	got, fault := dt.runTogether(s[:i], true)
	dt.off = off
	return got | gotZone, fault
}

func (dt *timeDecoder) numberField(s string, prefix wordKind) (fieldMask, timeFault) {
	switch prefix {
	case wordISOTime:
		return dt.runTogether(s, true)
	case wordJulian:
		n, ok := atoi(s)
		dt.julian, dt.days = true, int64(n)-julianEpoch
		if !ok {
			return 0, faultField
		}
		return gotDate, 0
	}
	point := strings.IndexByte(s, '.')
	switch {
	case dt.timeOnly:
		if point >= 0 && point < 2 || point < 0 && len(s) < 4 {
			return 0, faultFormat
		}
		return dt.runTogether(s, true)
	case point >= 0 && dt.got&gotDate == 0:
		return dt.date(s)
	case point > 2, point < 0 && len(s) >= 6 && (dt.got&gotDate == 0 || dt.got&gotTime == 0):
		return dt.runTogether(s, false)
	}
	return dt.number(s)
}

// wordField reads letters: a zone's abbreviation before any other word, as PostgreSQL does.
func (dt *timeDecoder) wordField(s string, next *timeField) (fieldMask, timeFault) {
	if off, ok := abbrevs[s]; ok {
		dt.off = off
		return gotZone, 0
	}
	w := timeWords[clipToken(s)]
	switch w.kind {
	case wordIgnore:
		return 0, 0
	case wordMonth:
		return dt.monthName(w.value), 0
	case wordDay:
		return gotWeekday, 0
	case wordAMPM:
		dt.pm, dt.mer = w.value == 1, true
		return gotAMPM, 0
	case wordEra:
		dt.bc = w.value == 1
		return gotEra, 0
	case wordISOTime:
		if dt.got&gotDate != gotDate && !dt.timeOnly || next == nil || next.kind > fieldTime {
			return 0, faultFormat
		}
		dt.prefix = w.kind
		return 0, 0
	case wordJulian:
		dt.prefix = w.kind
		return 0, 0
	case wordEpoch, wordInfinity:
		if dt.timeOnly {
			return 0, faultFormat
		}
		dt.special, dt.specialV = w.kind, w.value
		return gotDate | gotTime | gotZone, 0
	case wordMidnight:
		dt.off = 0
		return gotTime | gotZone, 0
	case wordDST:
		dt.off += w.value
		return 0, 0
	case wordClock:
		dt.word = s
		return 0, faultClock
	}
	if loc := findZoneName(s); loc != nil {
		dt.loc = loc
		return gotZone, 0
	}
	return 0, faultFormat
}

// findZoneName is LoadZone for words in a timestamp.
func findZoneName(s string) *time.Location {
	loc, err := LoadZone(s)
	if err != nil {
		return nil
	}
	return loc
}

func (dt *timeDecoder) zoneName(s string) (fieldMask, timeFault) {
	if dt.loc = findZoneName(s); dt.loc == nil {
		dt.word = s
		return 0, faultZone
	}
	return gotZone, 0
}

// monthName takes a month in letters; a number taken for the month before was the day.
func (dt *timeDecoder) monthName(m int) fieldMask {
	got := gotMonth
	if dt.got&gotMonth != 0 && !dt.textMonth && dt.got&gotDay == 0 && dt.m >= 1 && dt.m <= 31 {
		dt.d = dt.m
		got = gotDay
	}
	dt.textMonth, dt.m = true, m
	return got
}

// date reads a date with separators: month names first, then the numbers in order.
func (dt *timeDecoder) date(s string) (fieldMask, timeFault) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && !isDigit(byte(r)) && !isAlpha(byte(r)) })
	var flat []string // 8jan is two parts
	for _, p := range parts {
		for p != "" {
			in := isDigit
			if !isDigit(p[0]) {
				in = isAlpha
			}
			n := skip(p, 0, in)
			flat, p = append(flat, p[:n]), p[n:]
		}
	}
	old, all := dt.got, fieldMask(0)
	for i, p := range flat {
		if isDigit(p[0]) {
			continue
		}
		w := timeWords[clipToken(p)]
		if w.kind != wordMonth || all&gotMonth != 0 {
			return 0, faultFormat
		}
		dt.m, dt.textMonth, flat[i] = w.value, true, ""
		all |= gotMonth
	}
	for _, p := range flat {
		if p == "" {
			continue
		}
		dt.got = old | all
		got, fault := dt.number(p)
		if fault != 0 {
			return 0, fault
		}
		if all&got != 0 {
			return 0, faultFormat
		}
		all |= got
	}
	dt.got = old
	if (old|all)&gotDate != gotDate {
		return 0, faultFormat
	}
	return all, 0
}

// number decides what a lone number is, by what is still missing and the DateOrder.
func (dt *timeDecoder) number(s string) (fieldMask, timeFault) {
	if point := strings.IndexByte(s, '.'); point > 2 {
		return dt.runTogether(s, false)
	} else if point >= 0 {
		return 0, faultFormat
	}
	n, ok := atoi(s)
	if !ok {
		return 0, faultField
	}
	if len(s) == 3 && dt.got&gotDate == gotYear && n >= 1 && n <= 366 {
		dt.yday = n
		return gotMonth | gotDay, 0
	}
	year := len(s) >= 3 || dt.f.DateOrder == "YMD"
	switch dt.got & gotDate {
	case 0:
		switch {
		case year:
			return dt.setYear(s, n), 0
		case dt.f.DateOrder == "DMY":
			dt.d = n
			return gotDay, 0
		}
		dt.m = n
		return gotMonth, 0
	case gotYear, gotDay:
		dt.m = n
		return gotMonth, 0
	case gotMonth:
		if dt.textMonth && year {
			return dt.setYear(s, n), 0
		}
		dt.d = n
		return gotDay, 0
	case gotYear | gotMonth:
		if dt.textMonth && len(s) >= 3 && dt.twoDigits { // what looked like the year was the day
			dt.d, dt.y, dt.twoDigits = dt.y, n, false
			return gotDay, 0
		}
		dt.d = n
		return gotDay, 0
	case gotMonth | gotDay:
		return dt.setYear(s, n), 0
	case gotDate:
		return dt.runTogether(s, false)
	}
	return 0, faultFormat
}

func (dt *timeDecoder) setYear(s string, n int) fieldMask {
	dt.y, dt.twoDigits = n, len(s) <= 2
	return gotYear
}

// runTogether reads yyyymmdd or hhmm[ss][.fff].
func (dt *timeDecoder) runTogether(s string, isTime bool) (fieldMask, timeFault) {
	us := int64(0)
	point := strings.IndexByte(s, '.')
	if point >= 0 {
		var ok bool
		if us, ok = fraction(s[point:]); !ok {
			return 0, faultFormat
		}
		s = s[:point]
	}
	n := len(s)
	if point < 0 && !isTime && dt.got&gotDate != gotDate && n >= 6 {
		y, ok1 := atoi(s[:n-4])
		m, ok2 := atoi(s[n-4 : n-2])
		d, ok3 := atoi(s[n-2:])
		dt.y, dt.m, dt.d, dt.twoDigits = y, m, d, n == 6
		if !ok1 || !ok2 || !ok3 {
			return 0, faultField
		}
		return gotDate, 0
	}
	if dt.got&gotTime != 0 || n != 6 && n != 4 {
		return 0, faultFormat
	}
	if n == 4 {
		s += "00"
	}
	h, ok1 := atoi(s[:2])
	m, ok2 := atoi(s[2:4])
	sec, ok3 := atoi(s[4:])
	if !ok1 || !ok2 || !ok3 {
		return 0, faultFormat
	}
	return gotTime, dt.setClock(h, m, sec, us)
}

// clock reads hh:mm[:ss[.fff]].
func (dt *timeDecoder) clock(s string) (fieldMask, timeFault) {
	h, m, sec, us, fault := splitClock(s)
	if fault != 0 {
		return 0, fault
	}
	return gotTime, dt.setClock(h, m, sec, us)
}

// splitClock takes hh:mm[:ss][.fff] apart; with one colon and a fraction it is mm:ss.fff.
func splitClock(s string) (h, m, sec int, us int64, fault timeFault) {
	if point := strings.IndexByte(s, '.'); point >= 0 {
		var ok bool
		if us, ok = fraction(s[point:]); !ok {
			return 0, 0, 0, 0, faultFormat
		}
		s = s[:point]
		if strings.Count(s, ":") == 1 {
			s = "0:" + s
		}
	}
	parts := strings.Split(s, ":")
	if len(parts) > 3 || len(parts) < 2 {
		return 0, 0, 0, 0, faultFormat
	}
	var n [3]int
	for i, p := range parts {
		if p == "" && i == 2 {
			continue // "4:05:"
		}
		v, ok := atoi(p)
		if i == 0 && !ok && skip(p, 0, isDigit) == len(p) { // an interval's hours may be many
			big, err := strconv.ParseInt(p, 10, 64)
			v, ok = int(big), err == nil
		}
		if !ok {
			return 0, 0, 0, 0, faultField
		}
		n[i] = v
	}
	return n[0], n[1], n[2], us, 0
}

func (dt *timeDecoder) setClock(h, m, sec int, us int64) timeFault {
	if m > 59 || sec > 60 || us > MicrosPerSecond || h > 24 || h == 24 && (m > 0 || sec > 0 || us > 0) {
		return faultField
	}
	dt.micros = int64(h)*MicrosPerHour + int64(m)*MicrosPerMinute + int64(sec)*MicrosPerSecond + us
	return 0
}

// offsetField reads a zone's offset: +hh, +hhmm, +hh:mm[:ss].
func offsetField(s string) (int, timeFault) {
	parts := strings.Split(s[1:], ":")
	if len(parts) == 1 && len(s) > 3 {
		d := parts[0]
		parts = []string{d[:len(d)-2], d[len(d)-2:]}
	}
	if len(parts) > 3 {
		return 0, faultFormat
	}
	total, unit := 0, 3600
	for i, p := range parts {
		n, ok := atoi(p)
		if !ok {
			return 0, faultFormat
		}
		if i == 0 && n > 15 || i > 0 && n > 59 {
			return 0, faultOffset
		}
		total += n * unit
		unit /= 60
	}
	if s[0] == '-' {
		total = -total
	}
	return total, 0
}

// finish checks the fields against each other.
func (dt *timeDecoder) finish() timeFault {
	if dt.special != 0 {
		return 0
	}
	if fault := dt.checkDate(); fault != 0 {
		return fault
	}
	if dt.mer {
		h := dt.micros / MicrosPerHour
		switch {
		case h > 12:
			return faultField
		case !dt.pm && h == 12:
			dt.micros -= 12 * MicrosPerHour
		case dt.pm && h != 12:
			dt.micros += 12 * MicrosPerHour
		}
	}
	if dt.timeOnly {
		if dt.got&gotTime == 0 || dt.loc != nil && dt.got&gotDate != gotDate && !fixedOffset(dt.loc) {
			return faultFormat // a zone with summer time needs a date
		}
	} else if dt.got&gotDate != gotDate {
		return faultFormat
	}
	return 0
}

func (dt *timeDecoder) checkDate() timeFault {
	if dt.got&gotYear != 0 && !dt.julian {
		switch {
		case dt.bc:
			if dt.y <= 0 {
				return faultField
			}
			dt.y = 1 - dt.y
		case dt.twoDigits && dt.y < 70:
			dt.y += 2000
		case dt.twoDigits:
			dt.y += 1900
		case dt.y <= 0:
			return faultField
		}
	}
	if dt.yday > 0 {
		_, dt.m, dt.d = CivilFromDays(DaysFromCivil(dt.y, 1, 1) + int64(dt.yday) - 1)
	}
	switch {
	case dt.julian:
	case dt.got&gotMonth != 0 && (dt.m < 1 || dt.m > 12), dt.got&gotDay != 0 && (dt.d < 1 || dt.d > 31):
		return faultMonthDay
	case dt.got&gotDate == gotDate && dt.d > DaysInMonth(dt.y, dt.m):
		return faultField
	}
	return 0
}

// day returns the date's days since 2000-01-01.
func (dt *timeDecoder) day() int64 {
	if dt.julian {
		return dt.days
	}
	return DaysFromCivil(dt.y, dt.m, dt.d)
}

// infinite returns the special value, if it is an infinity.
func (dt *timeDecoder) infinite() (int64, bool) {
	switch {
	case dt.special != wordInfinity:
		return 0, false
	case dt.specialV < 0:
		return NegInf, true
	}
	return PosInf, true
}

// parseTimestampSlow reads every spelling of a timestamp.
func parseTimestampSlow(s string, f *Format, tz bool) (int64, error) {
	typ := "timestamp"
	if tz {
		typ = "timestamp with time zone"
	}
	dt := timeDecoder{f: f}
	if fault := dt.decode(s); fault != 0 {
		return 0, fault.report(typ, s, dt.word)
	}
	if v, ok := dt.infinite(); ok {
		return v, nil
	}
	if dt.special == wordEpoch {
		return -daysEpoch * MicrosPerDay, nil
	}
	days := dt.day()
	ts := int64(0)
	over := days < dateMin || days > timestampDateMax+1
	if !over {
		ts = days*MicrosPerDay + dt.micros
		if tz {
			ts = dt.toUTC(ts)
		}
		over = ts < timestampMin || ts >= timestampEnd
	}
	if over {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: \"%s\"", s)
	}
	return ts, nil
}

func (dt *timeDecoder) toUTC(ts int64) int64 {
	switch {
	case dt.loc != nil:
		return LocalToUTC(ts, dt.loc)
	case dt.got&gotZone != 0:
		return ts - int64(dt.off)*MicrosPerSecond
	}
	return LocalToUTC(ts, dt.f.Loc)
}

// parseDate reads a date; a time after it is dropped.
func parseDate(s string, f *Format) (int64, error) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y1, y2, m, d := two(s[0], s[1]), two(s[2], s[3]), two(s[5], s[6]), two(s[8], s[9])
		if y := y1*100 + y2; y1 >= 0 && y2 >= 0 && y > 0 && m >= 1 && m <= 12 && d >= 1 && d <= DaysInMonth(y, m) {
			return DaysFromCivil(y, m, d), nil
		}
	}
	dt := timeDecoder{f: f}
	if fault := dt.decode(s); fault != 0 {
		return 0, fault.report("date", s, dt.word)
	}
	if v, ok := dt.infinite(); ok {
		return v, nil
	}
	if dt.special == wordEpoch {
		return -daysEpoch, nil
	}
	days := dt.day()
	if days < dateMin || days > dateMax {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range: \"%s\"", s)
	}
	return days, nil
}

// parseTime reads a time of day; a date before it and a zone after it are dropped.
func parseTime(s string, f *Format) (int64, error) {
	dt := timeDecoder{f: f, timeOnly: true}
	if fault := dt.decode(s); fault != 0 {
		return 0, fault.report("time", s, dt.word)
	}
	return dt.micros, nil
}

package types

import (
	"strings"
	"time"

	"streamsql/internal/pgerr"
)

// fieldMask is the set of fields a date or time has got so far.
type fieldMask uint32

const (
	gotYear fieldMask = 1 << iota
	gotMonth
	gotDay
	gotYearDay
	gotHour
	gotMinute
	gotSecond
	gotFraction
	gotZone
	gotDST // "dst" behind a zone
	gotAMPM
	gotEra
	gotWeekday
	gotSpecial // epoch, infinity

	gotDate = gotYear | gotMonth | gotDay
	gotTime = gotHour | gotMinute | gotSecond | gotFraction
)

// timeDecoder collects the fields of one date, time or timestamp. The rules are PostgreSQL's (DecodeDateTime and, for
// times of day, DecodeTimeOnly), which decide by what has come before.
type timeDecoder struct {
	f        *Format
	timeOnly bool // input of type time: numbers are times

	fields            []timeField
	got               fieldMask
	y, m, d           int
	yday              int // day of the year, when the date came as yyyy.ddd
	hour, minute, sec int
	fsec              int64
	micros            int64 // since midnight, when all is read
	pm, bc            bool
	twoDigits         bool // of the year
	textMonth         bool
	julian            bool
	days              int64 // when julian
	off               int   // seconds east, when gotZone and loc is nil
	loc               *time.Location
	label             string // t, j, y … : what the next field is
	special           wordKind
	specialV          int
	word              string // for the error message
}

// decode gives a meaning to the fields of s.
func (dt *timeDecoder) decode(s string) timeFault {
	var ok bool
	if dt.fields, ok = scanTimeFields(s, timeTextMax); !ok {
		return faultFormat
	}
	for i := range dt.fields {
		got, fault := dt.field(i)
		if fault != 0 {
			return fault
		}
		if dt.got&got != 0 {
			return faultFormat
		}
		dt.got |= got
	}
	if fault := dt.checkDate(); fault != 0 {
		return fault
	}
	return dt.finish()
}

func (dt *timeDecoder) field(i int) (fieldMask, timeFault) {
	f := dt.fields[i]
	switch f.kind {
	case fieldDate:
		return dt.dateField(i)
	case fieldTime:
		if !dt.timeOnly && dt.label != "" {
			if dt.label != "t" {
				return 0, faultFormat
			}
			dt.label = ""
		}
		fault := dt.clock(f.s)
		if fault == 0 && !dt.timeOnly && dt.timeOverflows() {
			fault = faultField
		}
		return gotTime, fault
	case fieldOffset:
		off, fault := offsetField(f.s)
		dt.off = off
		return gotZone, fault
	case fieldNumber:
		if dt.label != "" {
			return dt.labelled(f.s)
		}
		return dt.numberField(i)
	}
	return dt.wordField(i)
}

// dateField reads a date, or where one is not expected a zone's name or a time with its zone: 040506-08.
func (dt *timeDecoder) dateField(i int) (fieldMask, timeFault) {
	s := dt.fields[i].s
	last := len(dt.fields) - 1
	isDate := dt.got&(gotMonth|gotDay) != gotMonth|gotDay && dt.label == ""
	if dt.timeOnly {
		isDate = i == 0 && last > 0 && (dt.fields[last].kind == fieldDate || dt.fields[1].kind == fieldTime)
	}
	switch {
	case !dt.timeOnly && dt.label == "j":
		n, rest, over := cInt(s)
		if over || n < 0 {
			return 0, faultField
		}
		dt.setJulian(n)
		off, fault := offsetField(rest)
		dt.off = off
		return gotDate | gotTime | gotZone, fault
	case isDate:
		return dt.date(s)
	case !isDigit(s[0]) && (dt.timeOnly || dt.label == ""):
		if dt.loc = findZoneName(s); dt.loc == nil {
			dt.word = s
			return 0, faultZone
		}
		return gotZone, 0
	}
	if !dt.timeOnly {
		if dt.label != "" && dt.label != "t" {
			return 0, faultFormat
		}
		dt.label = ""
	}
	at := strings.IndexByte(s, '-')
	if dt.got&gotTime == gotTime || at < 0 {
		return 0, faultFormat
	}
	off, fault := offsetField(s[at:])
	if fault != 0 {
		return 0, fault
	}
	dt.off = off
	got, fault := dt.runTogether(s[:at], dt.timeOnly)
	return got | gotZone, fault
}

func (dt *timeDecoder) setJulian(n int) {
	dt.label, dt.julian, dt.days = "", true, int64(n)-julianEpoch
	dt.y, dt.m, dt.d = CivilFromDays(dt.days)
}

// labelled reads the number behind a label: y2001, t040506, j2451187.5.
func (dt *timeDecoder) labelled(s string) (got fieldMask, fault timeFault) {
	label := dt.label
	n, rest, over := cInt(s)
	switch {
	case over:
		return 0, faultField
	case rest != "" && (rest[0] != '.' || label != "j" && label != "t" && label != "s"):
		return 0, faultFormat
	}
	dt.label = ""
	switch label {
	case "y":
		dt.y, got = n, gotYear
	case "m":
		if dt.got&gotMonth != 0 && dt.got&gotHour != 0 {
			dt.minute, got = n, gotMinute
		} else {
			dt.m, got = n, gotMonth
		}
	case "d":
		dt.d, got = n, gotDay
	case "h":
		dt.hour, got = n, gotHour
	case "mm":
		dt.minute, got = n, gotMinute
	case "s":
		dt.sec, got = n, gotSecond
		if rest != "" {
			got |= gotFraction
			dt.fsec, fault = fraction(rest)
		}
	case "j":
		return dt.julianField(n, rest)
	case "t":
		if got, fault = dt.runTogether(s, true); fault == 0 && got != gotTime {
			fault = faultFormat
		}
	default:
		fault = faultFormat
	}
	return got, fault
}

func (dt *timeDecoder) julianField(n int, rest string) (fieldMask, timeFault) {
	if n < 0 {
		return 0, faultField
	}
	dt.setJulian(n)
	if rest == "" {
		return gotDate, 0
	}
	part, ok := fractionOf(rest)
	if !ok {
		return 0, faultFormat
	}
	us := int64(part * float64(MicrosPerDay))
	dt.hour, dt.minute = int(us/MicrosPerHour), int(us/MicrosPerMinute%60)
	dt.sec, dt.fsec = int(us/MicrosPerSecond%60), us%MicrosPerSecond
	return gotDate | gotTime, 0
}

// numberField decides by length and what is still missing.
func (dt *timeDecoder) numberField(i int) (fieldMask, timeFault) {
	s := dt.fields[i].s
	point := strings.IndexByte(s, '.')
	if dt.timeOnly {
		last := len(dt.fields) - 1
		switch {
		case point >= 0 && i == 0 && last > 0 && dt.fields[last].kind == fieldDate:
			return dt.date(s)
		case point > 2, point < 0 && len(s) > 4:
			return dt.runTogether(s, true)
		case point >= 0:
			return 0, faultFormat
		}
		return dt.number(s, dt.got|gotDate, false)
	}
	switch {
	case point >= 0 && dt.got&gotDate == 0:
		return dt.date(s)
	case point > 2, point < 0 && len(s) >= 6 && (dt.got&gotDate == 0 || dt.got&gotTime == 0):
		return dt.runTogether(s, false)
	}
	return dt.number(s, dt.got, dt.textMonth)
}

// wordField reads letters: a zone's abbreviation before any other word, as PostgreSQL does.
func (dt *timeDecoder) wordField(i int) (fieldMask, timeFault) {
	s := dt.fields[i].s
	if off, ok := abbrevs[s]; ok {
		dt.off = off
		return gotZone, 0
	}
	w := timeWords[clipToken(s)]
	switch w.kind {
	case wordIgnore:
		return 0, 0
	case wordAMPM:
		dt.pm = w.value == 1
		return gotAMPM, 0
	case wordEra:
		dt.bc = w.value == 1
		return gotEra, 0
	case wordUnit:
		dt.label = s
		if s == "jd" || s == "julian" {
			dt.label = "j"
		}
		return 0, 0
	case wordISOTime:
		if !dt.timeOnly && dt.got&gotDate != gotDate || i+1 >= len(dt.fields) || dt.fields[i+1].kind > fieldTime {
			return 0, faultFormat
		}
		dt.label = "t"
		return 0, 0
	case wordMidnight:
		dt.off, dt.hour, dt.minute, dt.sec = 0, 0, 0, 0
		return gotTime | gotZone, 0
	case wordDST:
		dt.off += w.value
		return gotDST, 0
	case wordClock:
		dt.word = s
		return 0, faultClock
	}
	if !dt.timeOnly {
		switch w.kind {
		case wordMonth:
			return dt.monthName(w.value), 0
		case wordDay:
			return gotWeekday, 0
		case wordEpoch, wordInfinity:
			dt.special, dt.specialV = w.kind, w.value
			return gotSpecial, 0
		}
	}
	if w.kind != 0 {
		return 0, faultFormat
	}
	if dt.loc = findZoneName(s); dt.loc == nil {
		return 0, faultFormat
	}
	return gotZone, 0
}

// findZoneName is LoadZone for words in a timestamp.
func findZoneName(s string) *time.Location {
	loc, err := LoadZone(s)
	if err != nil {
		return nil
	}
	return loc
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

// splitDate cuts a date at its separators and between digits and letters; what separates them is lost, be it a letter.
func splitDate(s string) (parts []string, ok bool) {
	for s != "" && len(parts) < timeFieldsMax {
		at := skip(s, 0, func(c byte) bool { return !isDigit(c) && !isAlpha(c) })
		if at == len(s) {
			return nil, false
		}
		in := isDigit
		if isAlpha(s[at]) {
			in = isAlpha
		}
		end := skip(s, at, in)
		parts = append(parts, s[at:end])
		s = s[min(end+1, len(s)):]
	}
	return parts, true
}

// date reads a date with separators: a month's name first, then the numbers in order.
func (dt *timeDecoder) date(s string) (fieldMask, timeFault) {
	parts, ok := splitDate(s)
	if !ok {
		return 0, faultFormat
	}
	known, text := dt.got, false
	for i, p := range parts {
		if isDigit(p[0]) {
			continue
		}
		w := timeWords[clipToken(p)]
		if w.kind != wordMonth || known&gotMonth != 0 {
			return 0, faultFormat
		}
		dt.m, text, parts[i] = w.value, true, ""
		known |= gotMonth
	}
	for _, p := range parts {
		if p == "" {
			continue
		}
		got, fault := dt.number(p, known, text)
		if fault != 0 {
			return 0, fault
		}
		if known&got != 0 {
			return 0, faultFormat
		}
		known |= got
	}
	if known&^(gotYearDay|gotZone) != gotDate {
		return 0, faultFormat
	}
	return known &^ dt.got, 0
}

// number decides what a lone number is, by what is known and the DateOrder; text says that the month was a name.
func (dt *timeDecoder) number(s string, known fieldMask, text bool) (fieldMask, timeFault) {
	n, rest, over := cInt(s)
	switch {
	case over:
		return 0, faultField
	case len(rest) == len(s), rest != "" && rest[0] != '.':
		return 0, faultFormat
	case rest != "" && len(s)-len(rest) > 2:
		return dt.runTogether(s, true)
	case rest != "":
		us, fault := fraction(rest)
		if fault != 0 {
			return 0, fault
		}
		dt.fsec = us
	}
	if len(s) == 3 && known&gotDate == gotYear && n >= 1 && n <= 366 {
		dt.yday = n
		return gotYearDay | gotMonth | gotDay, 0
	}
	year := len(s) >= 3 || dt.f.DateOrder == "YMD"
	switch known & gotDate {
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
		if text && year {
			return dt.setYear(s, n), 0
		}
		dt.d = n
		return gotDay, 0
	case gotYear | gotMonth:
		if text && len(s) >= 3 && dt.twoDigits { // what looked like the year was the day
			dt.d, dt.y, dt.twoDigits = dt.y, n, false
			return gotDay, 0
		}
		dt.d = n
		return gotDay, 0
	case gotMonth | gotDay:
		return dt.setYear(s, n), 0
	case gotDate:
		if dt.timeOnly {
			return dt.runTogether(s, true)
		}
		return dt.runTogether(s, false)
	}
	return 0, faultFormat
}

func (dt *timeDecoder) setYear(s string, n int) fieldMask {
	dt.y, dt.twoDigits = n, len(s) <= 2
	return gotYear
}

// runTogether reads yyyymmdd or hhmm[ss][.fff]; isTime says that a date is not wanted.
func (dt *timeDecoder) runTogether(s string, isTime bool) (fieldMask, timeFault) {
	point := strings.IndexByte(s, '.')
	if point >= 0 {
		part, _ := fractionOf(s[point : point+1+len(s[point+1:])-len(strings.TrimLeft(s[point+1:], "0123456789"))])
		dt.fsec = roundEven(part * 1e6)
		s = s[:point]
	}
	n := len(s)
	if point < 0 && !isTime && dt.got&gotDate != gotDate && n >= 6 {
		dt.y, dt.m, dt.d = wrapInt(s[:n-4]), wrapInt(s[n-4:n-2]), wrapInt(s[n-2:])
		if n == 6 {
			dt.twoDigits = true
		}
		return gotDate, 0
	}
	if dt.got&gotTime == gotTime || n != 6 && n != 4 {
		return 0, faultFormat
	}
	if n == 4 {
		s += "00"
	}
	dt.hour, dt.minute, dt.sec = wrapInt(s[:2]), wrapInt(s[2:4]), wrapInt(s[4:])
	return gotTime, 0
}

// clock reads hh:mm[:ss][.fff].
func (dt *timeDecoder) clock(s string) timeFault {
	h, m, sec, us, fault := splitClock(s, false)
	if fault == 0 && h > maxInt32 {
		fault = faultField
	}
	dt.hour, dt.minute, dt.sec, dt.fsec = int(h), m, sec, us
	return fault
}

// splitClock takes hh:mm[:ss][.fff] apart; with one colon and a fraction, or if minSec, it is mm:ss.fff.
func splitClock(s string, minSec bool) (h int64, m, sec int, us int64, fault timeFault) {
	h, rest, over := cInt64(s)
	switch {
	case over:
		return 0, 0, 0, 0, faultField
	case rest == "" || rest[0] != ':':
		return 0, 0, 0, 0, faultFormat
	}
	if m, rest, over = cInt(rest[1:]); over {
		return 0, 0, 0, 0, faultField
	}
	if rest != "" && rest[0] == ':' {
		if sec, rest, over = cInt(rest[1:]); over {
			return 0, 0, 0, 0, faultField
		}
		minSec = false
	} else if rest != "" {
		minSec = true
	}
	if rest != "" {
		if rest[0] != '.' {
			return 0, 0, 0, 0, faultFormat
		}
		if us, fault = fraction(rest); fault != 0 {
			return 0, 0, 0, 0, fault
		}
	}
	if minSec {
		if h > maxInt32 {
			return 0, 0, 0, 0, faultField
		}
		h, m, sec = 0, int(h), m
	}
	if m > 59 || sec > 60 || us > MicrosPerSecond {
		return 0, 0, 0, 0, faultField
	}
	return h, m, sec, us, 0
}

// timeOverflows reports a time beyond 24:00:00.
func (dt *timeDecoder) timeOverflows() bool {
	return dt.hour > 24 || dt.minute > 59 || dt.sec > 60 || dt.fsec > MicrosPerSecond || dt.clockMicros() > MicrosPerDay
}

func (dt *timeDecoder) clockMicros() int64 {
	return int64(dt.hour)*MicrosPerHour + int64(dt.minute)*MicrosPerMinute + int64(dt.sec)*MicrosPerSecond + dt.fsec
}

// offsetField reads a zone's offset: +hh, +hhmm, +hh:mm[:ss].
func offsetField(s string) (int, timeFault) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, faultFormat
	}
	var m, sec int
	h, rest, over := cInt(s[1:])
	switch {
	case over:
		return 0, faultOffset
	case rest != "" && rest[0] == ':':
		if m, rest, over = cInt(rest[1:]); over {
			return 0, faultOffset
		}
		if rest != "" && rest[0] == ':' {
			if sec, rest, over = cInt(rest[1:]); over {
				return 0, faultOffset
			}
		}
	case rest == "" && len(s) > 3:
		h, m = h/100, h%100
	}
	if h < 0 || h > 15 || m < 0 || m > 59 || sec < 0 || sec > 59 {
		return 0, faultOffset
	}
	if rest != "" {
		return 0, faultFormat
	}
	total := h*3600 + m*60 + sec
	if s[0] == '-' {
		total = -total
	}
	return total, 0
}

// finish checks the time and what else the type asks for.
func (dt *timeDecoder) finish() timeFault {
	if dt.got&gotAMPM != 0 {
		switch {
		case dt.hour > 12:
			return faultField
		case !dt.pm && dt.hour == 12:
			dt.hour = 0
		case dt.pm && dt.hour != 12:
			dt.hour += 12
		}
	}
	dt.micros = dt.clockMicros()
	dated := dt.got&gotDate == gotDate
	dst := dt.got&gotDST != 0 && (dt.loc != nil || dt.got&gotZone == 0) // needs an abbreviation before it
	switch {
	case !dt.timeOnly && dt.special != 0:
		return 0
	case !dt.timeOnly && (!dated || dst):
		return faultFormat
	case !dt.timeOnly:
		return 0
	case dt.timeOverflows():
		return faultField
	case dt.got&gotTime != gotTime, dst:
		return faultFormat
	case dt.loc != nil && !dated && !fixedOffset(dt.loc): // a zone with summer time needs a date
		return faultFormat
	case dt.got&gotZone == 0 && !dated && dt.got&gotDate != 0:
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
		case dt.twoDigits && dt.y >= 0 && dt.y < 70:
			dt.y += 2000
		case dt.twoDigits && dt.y >= 0 && dt.y < 100:
			dt.y += 1900
		case dt.twoDigits && dt.y >= 0:
		case dt.y <= 0:
			return faultField
		}
	}
	if dt.got&gotYearDay != 0 {
		dt.y, dt.m, dt.d = CivilFromDays(DaysFromCivil(dt.y, 1, 1) + int64(dt.yday) - 1)
	}
	switch {
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

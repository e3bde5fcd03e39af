package format

import (
	"encoding/binary"
	"math"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// The engine counts from 2000-01-01, Kafka, JSON numbers and ksqlDB from 1970-01-01.
const (
	epochDays   = 10957
	epochMillis = epochDays * 86_400_000
	dayMicros   = 86_400_000_000
)

// Timestamps outside PostgreSQL's range, 4713 BC to 294276 AD, in microseconds since 2000.
const (
	timestampMin = -211_813_488_000_000_000
	timestampMax = 9_223_371_331_200_000_000
)

// TimestampFromMillis turns milliseconds since 1970 into microseconds since 2000.
func TimestampFromMillis(ms int64) (int64, error) {
	if ms > timestampMax/1000+epochMillis-1 || ms < timestampMin/1000+epochMillis {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: %d", ms)
	}
	return (ms - epochMillis) * 1000, nil
}

// MillisFromTimestamp turns microseconds since 2000 into milliseconds since 1970, rounding down.
func MillisFromTimestamp(us int64) int64 {
	ms := us / 1000
	if us%1000 < 0 {
		ms--
	}
	return ms + epochMillis
}

// TimestampFromFloat is TimestampFromMillis for a number with a fraction, to the microsecond.
func TimestampFromFloat(ms float64) (int64, error) {
	us := math.Round((ms - epochMillis) * 1000)
	if !(us >= timestampMin && us < timestampMax) {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: %g", ms)
	}
	return int64(us), nil
}

// DateFromDays turns days since 1970 into days since 2000.
func DateFromDays(days int64) (int64, error) {
	if days < -2_440_588 || days > 2_147_483_493 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range: %d", days)
	}
	return days - epochDays, nil
}

// DaysFromDate turns days since 2000 into days since 1970.
func DaysFromDate(days int64) int64 { return days + epochDays }

// Clock parses timestamps; it remembers the last date, which in a stream is mostly the next one too.
type Clock struct {
	date8 uint64 // "2006-01-", 0: none
	date2 uint16 // "02"
	days  int64  // since 2000
}

// Timestamp parses a timestamp as microseconds since 2000. "2006-01-02 15:04:05" with "T" or a blank, up to nine
// decimals, and Z, +01, +0100 or +01:00 is parsed here; any other form is left to PostgreSQL's input function. A text
// without an offset is UTC, one with an offset is moved to UTC (also for timestamp without time zone, so that it is
// the same instant as a number of milliseconds).
func (c *Clock) Timestamp(b []byte) (int64, error) {
	if us, ok := c.fast(b); ok {
		return us, nil
	}
	v, err := types.ParseText(types.T(types.TimestampTZ), string(b), nil)
	return v.I, err
}

func (c *Clock) fast(b []byte) (int64, bool) {
	us, n, ok := c.prefix(b)
	if !ok || n == len(b) {
		return us, ok
	}
	off, ok := offset(b[n:])
	return us - off, ok
}

// Quoted parses a timestamp without an offset, or with Z, that b begins with and a quote ends; it returns the index of
// the quote. If ok is false b may still hold a timestamp, in another form.
func (c *Clock) Quoted(b []byte) (us int64, quote int, ok bool) {
	us, n, ok := c.prefix(b)
	if ok && n < len(b) && b[n] == 'Z' {
		n++
	}
	return us, n, ok && n < len(b) && b[n] == '"'
}

// prefix parses date, time and decimals at the start of b and returns how many bytes they are.
func (c *Clock) prefix(b []byte) (us int64, n int, ok bool) {
	if len(b) < 19 {
		return 0, 0, false
	}
	d8, d2 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	if d8 != c.date8 || d2 != c.date2 {
		days, ok := parseDate(b)
		if !ok {
			return 0, 0, false
		}
		c.date8, c.date2, c.days = d8, d2, days
	}
	if b[10] != 'T' && b[10] != ' ' {
		return 0, 0, false
	}
	tod, ok := timeOfDay(binary.LittleEndian.Uint64(b[11:]))
	if !ok {
		return 0, 0, false
	}
	us = c.days*dayMicros + tod*1_000_000
	if len(b) == 19 || b[19] != '.' {
		return us, 19, true
	}
	frac, digits := fraction(b[20:])
	return us + frac, 20 + digits, digits > 0
}

// timeOfDay parses "15:04:05", loaded little endian, as seconds.
func timeOfDay(w uint64) (int64, bool) {
	x := w ^ 0x30303a30303a3030
	if (x|(x+0x0606000606000606))&0xf0f0fff0f0fff0f0 != 0 {
		return 0, false
	}
	h := x&15*10 + x>>8&15
	m := x>>24&15*10 + x>>32&15
	s := x>>48&15*10 + x>>56&15
	return int64(h*3600 + m*60 + s), h < 24 && m < 60 && s < 60
}

// fraction parses one to nine decimals as microseconds, rounded; n is how many digits there were (0: malformed).
func fraction(b []byte) (us int64, n int) {
	for n < len(b) && b[n]-'0' <= 9 {
		us = us*10 + int64(b[n]-'0')
		n++
		if n > 9 {
			return 0, 0
		}
	}
	switch {
	case n == 3:
		return us * 1000, n
	case n <= 6:
		return us * pow10[6-n], n
	}
	p := pow10[n-6]
	return (us + p/2) / p, n
}

var pow10 = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}

// offset parses Z, +01, +0100 or +01:00 as microseconds.
func offset(b []byte) (int64, bool) {
	if len(b) == 1 && (b[0] == 'Z' || b[0] == 'z') {
		return 0, true
	}
	var h, m uint
	switch len(b) {
	case 3:
		h = two(b[1:])
	case 5:
		h, m = two(b[1:]), two(b[3:])
	case 6:
		h, m = two(b[1:]), two(b[4:])
		if b[3] != ':' {
			return 0, false
		}
	default:
		return 0, false
	}
	if h > 15 || m > 59 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	us := int64(h*3600+m*60) * 1_000_000
	if b[0] == '-' {
		us = -us
	}
	return us, true
}

// two parses two digits; what is not two digits gives a number over 999.
func two(b []byte) uint {
	h, l := uint(b[0]-'0'), uint(b[1]-'0')
	if h > 9 || l > 9 {
		return 1000
	}
	return h*10 + l
}

// parseDate parses the first ten bytes of b, "2006-01-02", as days since 2000.
func parseDate(b []byte) (int64, bool) {
	c, y, m, d := two(b), two(b[2:]), two(b[5:]), two(b[8:])
	if c > 99 || y > 99 || c+y == 0 || m < 1 || m > 12 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y += c * 100
	if d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return daysFromCivil(int64(y), int64(m), int64(d)) - epochDays, true
}

// Date parses a date as days since 2000.
func (c *Clock) Date(b []byte) (int64, error) {
	if len(b) == 10 {
		if days, ok := parseDate(b); ok {
			return days, nil
		}
	}
	v, err := types.ParseText(types.T(types.Date), string(b), nil)
	return v.I, err
}

func monthDays(y, m uint) uint {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysFromCivil counts days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant's algorithm), for years
// from 1 on.
func daysFromCivil(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

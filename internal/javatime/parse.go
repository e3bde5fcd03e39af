package javatime

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ParseTimestamp reads a timestamp as microseconds since 2000-01-01 UTC. What the text does not say is taken from 1970-01-01
// 00:00:00; a text without a zone or offset is in loc (nil: UTC). What is below a microsecond is dropped. Errors: 22007
// for a text that does not match, 22008 for values that contradict each other or are out of range.
func (p *Pattern) ParseTimestamp(text string, loc *time.Location) (int64, error) {
	return p.parseTimestamp(text, loc, false)
}

// ParseLoosely is ParseTimestamp in UTC where numbers may have fewer digits than letters, as those of Java's old
// SimpleDateFormat may.
func (p *Pattern) ParseLoosely(text string) (int64, error) {
	return p.parseTimestamp(text, nil, true)
}

func (p *Pattern) parseTimestamp(text string, loc *time.Location, loose bool) (int64, error) {
	s := parser{loose: loose}
	r, err := s.parse(p, text)
	if err != nil {
		return 0, err
	}
	if err := r.complete(&s.f); err != nil {
		return 0, err
	}
	if r.days < -10_000_000 || r.days > types.PosInf/types.MicrosPerDay-2 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: %q", strings.Clone(text))
	}
	ts := r.days*types.MicrosPerDay + r.nanos/1000
	off, hasOffset := s.f.get(fOffset)
	switch {
	case hasOffset && (s.zone == nil || r.hasDate && r.hasTime):
		ts -= off * types.MicrosPerSecond
	case s.zone != nil:
		ts = r.toUTC(ts, s.zone)
	case loc != nil && loc != time.UTC:
		ts = r.toUTC(ts, loc)
	}
	return types.CheckTimestamp(ts)
}

// toUTC is toUTC where of two instants the one with the offset of the same day in 1970 counts: ksqlDB changes a time of
// 1970 a field at a time, and Java keeps an offset as long as it can.
func (r *resolved) toUTC(local int64, loc *time.Location) int64 {
	y, _, _ := types.CivilFromDays(r.days)
	return toUTC(local, loc, local-(types.DaysFromCivil(y, 1, 1)+daysEpoch)*types.MicrosPerDay)
}

// ParseDate reads a text that says a whole date, as days since 2000-01-01; a time and a zone in it do not count. Errors:
// as ParseTimestamp.
func (p *Pattern) ParseDate(text string) (int64, error) {
	s := parser{}
	r, err := s.parse(p, text)
	if err != nil {
		return 0, err
	}
	if !r.hasDate {
		return 0, pgerr.New(pgerr.InvalidDatetimeFormat, "no date in %q by the pattern %q", strings.Clone(text), p.text)
	}
	if r.days < -2_451_545 || r.days > 2_145_031_948 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range: %q", strings.Clone(text))
	}
	return r.days, nil
}

// ParseTime reads a time of day in microseconds. Errors: as ParseTimestamp; 22007 also for a text with a field of a date.
func (p *Pattern) ParseTime(text string) (int64, error) {
	s := parser{}
	r, err := s.parse(p, text)
	if err != nil {
		return 0, err
	}
	dated := r.hasDate
	for f := fDayOfWeek; f <= fEra; f++ {
		dated = dated || s.f.all(f)
	}
	if dated || !r.hasTime {
		return 0, pgerr.New(pgerr.InvalidDatetimeFormat, "no time of day, or a date, in %q by the pattern %q", strings.Clone(text), p.text)
	}
	return r.nanos / 1000, nil
}

// parser is what has been matched. The text is not in it, nor kept by anything: it may live on the caller's stack.
type parser struct {
	loose bool
	f     fields
	zone  *time.Location
	fail  int // where the last mismatch was
}

func (s *parser) parse(p *Pattern, text string) (resolved, error) {
	n := s.run(text, p.elem, 0)
	if n < 0 || n < len(text) {
		if n >= 0 {
			s.fail = n
		}
		return resolved{}, pgerr.New(pgerr.InvalidDatetimeFormat, "text %q could not be parsed by the pattern %q at index %d", strings.Clone(text), p.text, s.fail)
	}
	r, err := s.resolve()
	if err != nil {
		return resolved{}, pgerr.New(pgerr.DatetimeFieldOverflow, "text %q could not be parsed by the pattern %q: %s", strings.Clone(text), p.text, pgerr.From(err).Msg)
	}
	return r, nil
}

// run matches elements from pos on; it returns where they end, or -1.
func (s *parser) run(text string, elems []element, pos int) int {
	for i := range elems {
		e, at := &elems[i], pos
		if e.pad > 0 {
			pos = s.padded(text, e, pos)
		} else {
			pos = s.one(text, e, pos)
		}
		if pos < 0 {
			s.fail = at
			return -1
		}
	}
	return pos
}

// padded matches an element that is filled up with blanks before it.
func (s *parser) padded(text string, e *element, pos int) int {
	end := pos
	for range e.pad {
		if end == len(text) {
			return -1
		}
		_, n := utf8.DecodeRuneInString(text[end:])
		end += n
	}
	for pos < end && text[pos] == ' ' {
		pos++
	}
	if s.one(text[:end], e, pos) != end {
		return -1
	}
	return end
}

func (s *parser) one(text string, e *element, pos int) int {
	switch e.kind {
	case literal:
		n, ok := matchFold(text[pos:], e.text)
		if !ok {
			return -1
		}
		return pos + n
	case optional:
		f, zone := s.f, s.zone
		if end := s.run(text, e.sub, pos); end >= 0 {
			return end
		}
		s.f, s.zone = f, zone
		return pos
	case word:
		v, n := fieldTexts[e.field].match(text[pos:], e.style)
		if n == 0 || !s.f.set(e.field, v) {
			return -1
		}
		return pos + n
	case fraction:
		return s.fraction(text, e, pos)
	case offset:
		return s.offset(text, e, pos)
	case localOffset:
		return s.localOffset(text, e, pos)
	case zoneID, zoneName:
		return s.zoneAt(text, pos, e.kind == zoneName)
	}
	return s.number(text, e, pos)
}

// matchFold reports whether text begins with prefix, in any case, and how many bytes of text that is.
func matchFold(text, prefix string) (n int, ok bool) {
	for _, want := range prefix {
		c, size := utf8.DecodeRuneInString(text[n:])
		if size == 0 || c != want && unicode.ToUpper(c) != unicode.ToUpper(want) && unicode.ToLower(c) != unicode.ToLower(want) {
			return 0, false
		}
		n += size
	}
	return n, true
}

// hasPrefixFold is strings.HasPrefix in any case; prefix is ASCII.
func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// number matches a number. If others follow without a separator it leaves them their digits.
func (s *parser) number(text string, e *element, pos int) int {
	neg, plus := false, false
	if pos < len(text) && (text[pos] == '+' || text[pos] == '-') {
		neg, plus = text[pos] == '-', text[pos] == '+'
		if e.sign == notNegative || plus && e.sign == normal && !s.loose {
			return -1
		}
		pos++
	}
	least, most := e.min, e.max
	if s.loose && !e.joined {
		least, most = 1, max(9, e.max)
		if e.next > 0 {
			most = e.max
		}
	}
	v, n := digits(text[pos:], most+e.next)
	if e.next > 0 {
		v, n = digits(text[pos:], max(least, n-e.next))
	}
	switch {
	case n < least:
		return -1
	case neg && v == 0:
		return -1
	case e.sign == exceedsPad && !neg && !s.loose && plus != (n > e.min):
		return -1
	}
	if neg {
		v = -v
	}
	if e.kind == reduced && n == 2 {
		v += 2000
	}
	if !s.f.set(e.field, v) {
		return -1
	}
	return pos + n
}

// digits reads at most most digits, as many as an int64 holds.
func digits(text string, most int) (v int64, n int) {
	for n < len(text) && n < most {
		d := int64(text[n]) - '0'
		if d < 0 || d > 9 || v > (math.MaxInt64-d)/10 {
			break
		}
		v = v*10 + d
		n++
	}
	return v, n
}

func (s *parser) fraction(text string, e *element, pos int) int {
	v, n := digits(text[pos:], e.max)
	if n < e.min && !(s.loose && n > 0) || !s.f.set(fNano, v*pow10[9-n]) {
		return -1
	}
	return pos + n
}

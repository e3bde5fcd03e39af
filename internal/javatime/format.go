package javatime

import (
	"strconv"
	"time"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// AppendTimestamp appends the time ts, microseconds since 2000-01-01 UTC, as it is in loc (nil: UTC). Errors: 22008 for an
// infinity, 22023 for a number that is too wide for its place.
func (p *Pattern) AppendTimestamp(dst []byte, ts int64, loc *time.Location) ([]byte, error) {
	if types.IsInfinite(ts) {
		return dst, errInfinite
	}
	if loc == nil {
		loc = time.UTC
	}
	t := moment{hasTime: true, zone: loc}
	var off int
	t.abbrev, off = zoneAbbrev(types.ToTime(ts).In(loc))
	t.offset = int64(off)
	local := ts + t.offset*types.MicrosPerSecond
	micros := floorMod(local, types.MicrosPerDay)
	t.nanosOfDay = micros * 1000
	t.setDate((local - micros) / types.MicrosPerDay)
	return p.append(dst, &t)
}

// AppendDate appends a date, days since 2000-01-01. Errors: as AppendTimestamp; 22023 for a pattern that wants a time.
func (p *Pattern) AppendDate(dst []byte, days int64) ([]byte, error) {
	if types.IsInfinite(days) {
		return dst, errInfinite
	}
	var t moment
	t.setDate(days)
	return p.append(dst, &t)
}

// AppendTime appends a time of day in microseconds. Errors: as AppendTimestamp; 22023 for a pattern that wants a date.
func (p *Pattern) AppendTime(dst []byte, micros int64) ([]byte, error) {
	return p.append(dst, &moment{hasTime: true, nanosOfDay: micros % types.MicrosPerDay * 1000})
}

var errInfinite = pgerr.New(pgerr.DatetimeFieldOverflow, "an infinite date or time has no fields")

func (p *Pattern) append(dst []byte, t *moment) ([]byte, error) {
	for i := range p.elem {
		var missing field
		var err error
		if dst, missing, err = p.elem[i].append(dst, t); err != nil {
			return dst, err
		} else if missing != none {
			return dst, pgerr.New(pgerr.InvalidParameterValue, "the value has no %s for the pattern %q", fieldName(missing), p.text)
		}
	}
	return dst, nil
}

// none says that no field was missing, noZone that the zone was.
const (
	none   = fieldCount
	noZone = fieldCount + 1
)

func fieldName(f field) string {
	if f == noZone {
		return "time zone"
	}
	return fieldNames[f]
}

// append writes one element; missing is the field that the moment does not have.
func (e *element) append(dst []byte, t *moment) (out []byte, missing field, err error) {
	from := len(dst)
	switch e.kind {
	case literal:
		dst = append(dst, e.text...)
	case optional:
		for i := range e.sub {
			if dst, missing, err = e.sub[i].append(dst, t); err != nil || missing != none {
				return dst[:from], none, err
			}
		}
	case zoneID, zoneName, localOffset:
		if t.zone == nil {
			return dst, noZone, nil
		}
		dst = e.appendZone(dst, t)
	default:
		v, ok := t.get(e.field)
		if !ok {
			return dst, e.field, nil
		}
		if dst, err = e.appendField(dst, v); err != nil {
			return dst, none, err
		}
	}
	if e.pad == 0 {
		return dst, none, nil
	}
	n := utf8.RuneCount(dst[from:])
	if n > e.pad {
		return dst, none, pgerr.New(pgerr.InvalidParameterValue, "a text of %d characters is too wide for a place of %d", n, e.pad)
	}
	text := string(dst[from:])
	dst = dst[:from]
	for range e.pad - n {
		dst = append(dst, ' ')
	}
	return append(dst, text...), none, nil
}

func (e *element) appendField(dst []byte, v int64) ([]byte, error) {
	switch e.kind {
	case word:
		if name := fieldTexts[e.field].name(v, e.style); name != "" {
			return append(dst, name...), nil
		}
		return strconv.AppendInt(dst, v, 10), nil
	case offset:
		return e.appendOffset(dst, v), nil
	case fraction:
		return appendPadded(dst, v/pow10[9-e.max], e.max), nil
	case reduced:
		return appendPadded(dst, max(v, -v)%100, 2), nil
	}
	neg := v < 0
	if neg {
		v = -v
	}
	digits := decimals(v)
	switch {
	case digits > e.max:
		return dst, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be printed: the value %d is wider than %d digits", fieldNames[e.field], v, e.max)
	case neg && e.sign == notNegative:
		return dst, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be printed: the value %d must not be negative", fieldNames[e.field], -v)
	case neg:
		dst = append(dst, '-')
	case e.sign == exceedsPad && digits > e.min:
		dst = append(dst, '+')
	}
	return appendPadded(dst, v, e.min), nil
}

var pow10 = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000}

func decimals(v int64) int {
	n := 1
	for ; v >= 10; v /= 10 {
		n++
	}
	return n
}

// appendPadded writes v, which is not negative, with zeros before it up to a width.
func appendPadded(dst []byte, v int64, width int) []byte {
	for n := decimals(v); n < width; n++ {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, v, 10)
}

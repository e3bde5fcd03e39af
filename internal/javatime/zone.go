package javatime

import (
	"strings"
	"time"

	"streamsql/internal/types"
)

// Zones without an offset that Java tells from UTC by their names.
var (
	utc = time.FixedZone("Z", 0)
	gmt = time.FixedZone("GMT", 0)
)

// LoadZone finds a time zone as Java's ZoneId.of names it: Z, an offset (+2, +02:00, +0200), UTC, GMT or UT with an offset
// behind it (east is positive), an IANA name. Names that only PostgreSQL knows, such as PST, are found too. Error: 22023.
func LoadZone(name string) (*time.Location, error) {
	switch name {
	case "Z":
		return utc, nil
	case "GMT":
		return gmt, nil
	}
	if off, ok := offsetOf(name); ok {
		return fixedZone("", off), nil
	}
	for _, prefix := range [...]string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			if off, ok := offsetOf(rest); ok {
				return fixedZone(prefix, off), nil
			}
		}
	}
	return types.LoadZone(name)
}

// fixedZone is the zone of an offset; its name is Java's id: "+02:00", "GMT+02:00".
func fixedZone(prefix string, off int64) *time.Location {
	switch {
	case off == 0 && prefix == "":
		return utc
	case off == 0:
		return time.FixedZone(prefix, 0)
	}
	return time.FixedZone(string(appendOffsetID([]byte(prefix), off)), int(off))
}

// appendOffsetID writes an offset that is not zero as +02:00, with seconds if it has any.
func appendOffsetID(dst []byte, off int64) []byte {
	return (&element{layout: colons | seconds}).appendOffset(dst, off)
}

// offsetOf reads the forms of an offset that ZoneOffset.of takes.
func offsetOf(s string) (int64, bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	switch colon := strings.Contains(s, ":"); {
	case len(digits) == 1 && !colon:
		digits = "0" + digits
	case colon && (len(s) != 6 || s[3] != ':') && (len(s) != 9 || s[3] != ':' || s[6] != ':'):
		return 0, false
	}
	if len(digits)%2 != 0 || len(digits) > 6 || len(digits) < 2 {
		return 0, false
	}
	var part [3]int64
	for i := range len(digits) / 2 {
		h, l := digits[2*i]-'0', digits[2*i+1]-'0'
		if h > 9 || l > 9 {
			return 0, false
		}
		part[i] = int64(h)*10 + int64(l)
	}
	off := part[0]*3600 + part[1]*60 + part[2]
	if part[1] > 59 || part[2] > 59 || off > offsetMax {
		return 0, false
	}
	if s[0] == '-' {
		off = -off
	}
	return off, true
}

// appendOffset writes an offset by e's layout.
func (e *element) appendOffset(dst []byte, off int64) []byte {
	if off == 0 {
		return append(dst, e.text...)
	}
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	h, m, s := off/3600, off/60%60, off%60
	if e.layout&seconds == 0 {
		s = 0
	}
	if h == 0 && m == 0 && s == 0 { // seconds alone that the layout does not show
		return append(dst, e.text...)
	}
	dst = appendPadded(append(dst, sign), h, 2)
	if m == 0 && s == 0 && e.layout&shortHours != 0 {
		return dst
	}
	if e.layout&colons != 0 {
		dst = append(dst, ':')
	}
	dst = appendPadded(dst, m, 2)
	if s == 0 {
		return dst
	}
	if e.layout&colons != 0 {
		dst = append(dst, ':')
	}
	return appendPadded(dst, s, 2)
}

// appendZone writes the zone's id or name, or "GMT" and its offset.
func (e *element) appendZone(dst []byte, t *moment) []byte {
	name := t.zone.String()
	switch e.kind {
	case zoneID:
		return append(dst, name...)
	case localOffset:
		return e.appendGMT(dst, t.offset)
	}
	abbrev := t.abbrev
	if abbrev == "" || abbrev[0] == '+' || abbrev[0] == '-' {
		if isOffsetID(name) {
			return append(dst, name...)
		}
		return (&element{style: full}).appendGMT(dst, t.offset)
	}
	if e.style == full {
		if n := longNames[abbrev]; n != nil {
			return append(dst, n.nameAt(t.offset)...)
		}
	}
	return append(dst, abbrev...)
}

// zoneAbbrev returns the abbreviation and the offset in force at t. As in Java, times before 1990 have the names of today.
func zoneAbbrev(t time.Time) (string, int) {
	abbrev, off := t.Zone()
	if t.Year() >= 1990 {
		return abbrev, off
	}
	for _, month := range [...]time.Month{time.January, time.July} {
		if today := time.Date(2020, month, 15, 0, 0, 0, 0, t.Location()); today.IsDST() == t.IsDST() {
			abbrev, _ = today.Zone()
			break
		}
	}
	return abbrev, off
}

func isOffsetID(name string) bool {
	return name != "" && (name[0] == '+' || name[0] == '-' || name == "Z")
}

// appendGMT writes GMT, GMT+8 or GMT+8:30 (full: GMT+08:00).
func (e *element) appendGMT(dst []byte, off int64) []byte {
	dst = append(dst, "GMT"...)
	if off == 0 {
		return dst
	}
	if e.style == full {
		return (&element{layout: colons | seconds}).appendOffset(dst, off)
	}
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = appendPadded(append(dst, sign), off/3600, 1)
	if off%3600 == 0 {
		return dst
	}
	dst = appendPadded(append(dst, ':'), off/60%60, 2)
	if off%60 != 0 {
		dst = appendPadded(append(dst, ':'), off%60, 2)
	}
	return dst
}

// toUTC turns a wall clock of loc, microseconds since 2000-01-01, into the instant. As in Java a time that does not exist is
// moved on by the gap. Of one that exists twice the one counts that has the offset of the wall clock near, else the earlier.
func toUTC(local int64, loc *time.Location, near int64) int64 {
	at := func(ts int64) int64 {
		_, off := types.ToTime(ts).In(loc).Zone()
		return int64(off) * types.MicrosPerSecond
	}
	before, after := at(local-types.MicrosPerDay), at(local+types.MicrosPerDay)
	switch {
	case before == after || at(local-after) != after:
	case at(local-before) != before, at(near-after) == after:
		return local - after
	}
	return local - before
}

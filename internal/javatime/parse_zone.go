package javatime

import (
	"strings"
	"sync"
	"time"

	"streamsql/internal/types"
)

// offset matches an offset of e's layout.
func (s *parser) offset(text string, e *element, pos int) int {
	text = text[pos:]
	if hasPrefixFold(text, e.text) {
		if !s.f.set(fOffset, 0) {
			return -1
		}
		return pos + len(e.text)
	}
	off, n := readOffset(text, e.layout)
	if n == 0 || !s.f.set(fOffset, off) {
		return -1
	}
	return pos + n
}

// readOffset reads a sign, two digits of hours, and minutes and seconds as the layout has them; n is 0 if there are none.
func readOffset(text string, l layout) (off int64, n int) {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return 0, 0
	}
	h, w := digits(text[1:], 2)
	if w != 2 || h > 18 {
		return 0, 0
	}
	n = 3
	m, end := readPart(text, n, l)
	if end == 0 && l&shortHours == 0 {
		return 0, 0
	}
	off = h*3600 + m*60
	if end > 0 {
		n = end
		if l&seconds != 0 {
			if sec, end := readPart(text, n, l); end > 0 {
				off, n = off+sec, end
			}
		}
	}
	if off > offsetMax {
		return 0, 0
	}
	if text[0] == '-' {
		off = -off
	}
	return off, n
}

// readPart reads two digits up to 59, with a colon before them if the layout has colons; end is 0 if they are not there.
func readPart(text string, at int, l layout) (v int64, end int) {
	if l&colons != 0 {
		if at >= len(text) || text[at] != ':' {
			return 0, 0
		}
		at++
	}
	v, n := digits(text[min(at, len(text)):], 2)
	if n != 2 || v > 59 {
		return 0, 0
	}
	return v, at + 2
}

// localOffset matches GMT with an offset behind it: +8, +8:30; full: +08:00.
func (s *parser) localOffset(text string, e *element, pos int) int {
	if !hasPrefixFold(text[pos:], "GMT") {
		return -1
	}
	pos += 3
	rest := text[pos:]
	off, n := int64(0), 0
	if e.style == full {
		off, n = readOffset(rest, colons|seconds)
	} else if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		off, n = readShortOffset(rest)
	}
	if n == 0 && rest != "" && (rest[0] == '+' || rest[0] == '-') || !s.f.set(fOffset, off) {
		return -1
	}
	return pos + n
}

func readShortOffset(text string) (off int64, n int) {
	h, w := digits(text[1:], 2)
	if w == 0 || h > 18 {
		return 0, 0
	}
	off, n = h*3600, 1+w
	if m, end := readPart(text, n, colons); end > 0 {
		off, n = off+m*60, end
		if sec, end := readPart(text, n, colons); end > 0 {
			off, n = off+sec, end
		}
	}
	if off > offsetMax {
		return 0, 0
	}
	if text[0] == '-' {
		off = -off
	}
	return off, n
}

// zoneAt matches a zone: an offset, UTC, GMT or UT with an offset behind it, an id of the IANA database and, if names
// are wanted, an English name or abbreviation. The longest counts.
func (s *parser) zoneAt(text string, pos int, names bool) int {
	text = text[pos:]
	if text == "" {
		return -1
	}
	if text[0] == '+' || text[0] == '-' {
		off, n := readOffset(text, colons|seconds)
		if n == 0 {
			return -1
		}
		s.zone = fixedZone("", off)
		return pos + n
	}
	for _, prefix := range [...]string{"UTC", "GMT", "UT"} {
		if hasPrefixFold(text, prefix) {
			off, n := readOffset(text[len(prefix):], colons|seconds)
			if prefix != "UTC" && strings.HasPrefix(text[len(prefix):], "0") {
				n = 1
			}
			s.zone = time.UTC
			if off != 0 {
				s.zone = fixedZone(prefix, off)
			}
			return pos + len(prefix) + n
		}
	}
	loc, n := matchZoneID(text)
	if names {
		if l, m := matchZoneName(text); m > n {
			loc, n = l, m
		}
	}
	if n == 0 && (text[0] == 'Z' || text[0] == 'z') {
		loc, n = time.UTC, 1
	}
	if n == 0 {
		return -1
	}
	s.zone = loc
	return pos + n
}

// matchZoneID finds the longest id that text begins with, in any case.
func matchZoneID(text string) (*time.Location, int) {
	n := 0
	for n < len(text) && n < zoneIDMax && isZoneByte(text[n]) {
		n++
	}
	lower := strings.ToLower(text[:n])
	for ; n > 1; n-- {
		if id, ok := idByLower[lower[:n]]; ok {
			return loadID(id), n
		}
	}
	return nil, 0
}

func isZoneByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '/' || c == '_' || c == '+' || c == '-'
}

func matchZoneName(text string) (*time.Location, int) {
	best, n := "", 0
	for i := range abbreviations {
		a := &abbreviations[i]
		for _, name := range [...]string{a.abbrev, a.name} {
			if len(name) > n && hasPrefixFold(text, name) {
				best, n = a.zone, len(name)
			}
		}
	}
	if n == 0 {
		return nil, 0
	}
	return loadID(best), n
}

// locations caches what loadID has loaded; there are some 600 ids.
var locations sync.Map // of *time.Location, by id

// loadID loads a zone of the IANA database that exists. One that this machine's database does not know is UTC.
func loadID(id string) *time.Location {
	if loc, ok := locations.Load(id); ok {
		return loc.(*time.Location)
	}
	loc, err := types.LoadZone(id)
	if err != nil {
		loc = time.UTC
	}
	locations.Store(id, loc)
	return loc
}

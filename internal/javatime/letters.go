package javatime

import (
	"strings"

	"streamsql/internal/pgerr"
)

// wide is the most digits a number may have.
const wide = 19

// free is a number of any width; fixed has exactly n digits.
func free(f field) element         { return element{field: f, min: 1, max: wide, sign: normal} }
func fixed(f field, n int) element { return element{field: f, min: n, max: n} }

// plain are the letters of a number with one digit or more, or with exactly two.
var plain = map[byte]field{'d': fDayOfMonth, 'h': fClockHourOfAmPm, 'H': fHour, 'k': fClockHour, 'K': fHourOfAmPm, 'm': fMinute, 's': fSecond}

// named are the letters of a number or, repeated, of a name.
var named = map[byte]field{'M': fMonth, 'L': fMonth, 'Q': fQuarter, 'q': fQuarter, 'E': fDayOfWeek, 'e': fLocalDay, 'c': fLocalDay}

// letter makes the element of a letter that stands count times. Errors: 22023, 0A000.
func letter(pattern string, c byte, count int) (element, error) {
	tooMany := badPattern(pattern, "too many letters: "+strings.Repeat(string(c), count))
	if f, ok := plain[c]; ok {
		switch count {
		case 1:
			return free(f), nil
		case 2:
			return fixed(f, 2), nil
		}
		return element{}, tooMany
	}
	if f, ok := named[c]; ok {
		return namedLetter(c, f, count, tooMany)
	}
	if e, ok := zoneLetter(c, count); ok {
		return e, nil
	}
	if e, ok := rareLetter(c, count); ok {
		return e, nil
	}
	switch c {
	case 'u', 'y', 'Y':
		return yearLetter(c, count), nil
	case 'B', 'v':
		return element{}, pgerr.Unsupported(pgerr.NoPos, "the letter %c of date and time patterns", c)
	}
	if strings.IndexByte("GaDSAnNgwWFVzZOXx", c) < 0 {
		return element{}, badPattern(pattern, "unknown letter: "+string(c))
	}
	return element{}, tooMany
}

// rareLetter makes the elements of letters that have rules of their own; false if the letter may not stand so often.
func rareLetter(c byte, count int) (element, bool) {
	switch {
	case c == 'G' && count <= 5:
		return element{kind: word, field: fEra, style: [...]style{short, short, short, short, full, narrow}[count]}, true
	case c == 'a' && count == 1:
		return element{kind: word, field: fAmPm}, true
	case c == 'D' && count == 1:
		return free(fDayOfYear), true
	case c == 'D' && count <= 3:
		return element{field: fDayOfYear, min: count, max: 3}, true
	case c == 'S' && count <= 9:
		return element{kind: fraction, field: fNano, min: count, max: count}, true
	case (c == 'A' || c == 'n' || c == 'N') && count <= wide:
		f := map[byte]field{'A': fMilliOfDay, 'n': fNano, 'N': fNanoOfDay}[c]
		return element{field: f, min: count, max: wide}, true
	case c == 'g' && count <= wide:
		return element{field: fModifiedJulian, min: count, max: wide, sign: normal}, true
	case c == 'w' && count <= 2:
		return element{field: fWeekOfYear, min: count, max: 2}, true
	case c == 'W' && count == 1:
		return fixed(fLocalWeekOfMonth, 1), true
	case c == 'F' && count == 1:
		return free(fAlignedDay), true
	}
	return element{}, false
}

func yearLetter(c byte, count int) element {
	f := map[byte]field{'u': fYear, 'y': fYearOfEra, 'Y': fWeekYear}[c]
	switch {
	case count == 2:
		return element{kind: reduced, field: f, min: 2, max: 2}
	case count < 4:
		return element{field: f, min: count, max: wide, sign: normal}
	}
	return element{field: f, min: min(count, wide), max: wide, sign: exceedsPad}
}

func namedLetter(c byte, f field, count int, tooMany error) (element, error) {
	if f == fLocalDay && count > 2 {
		f = fDayOfWeek
	}
	switch {
	case count <= 2 && c == 'E', count == 3:
		return element{kind: word, field: f, style: short}, nil
	case count == 1 && (c == 'e' || c == 'c'):
		return fixed(f, 1), nil
	case count == 1:
		return free(f), nil
	case count == 2 && c != 'c':
		return fixed(f, 2), nil
	case count == 4:
		return element{kind: word, field: f, style: full}, nil
	case count == 5:
		return element{kind: word, field: f, style: narrow}, nil
	}
	return element{}, tooMany
}

// layout is the form of an offset: +HHMM, or with colons, or without minutes that are zero, or with seconds that are not.
type layout uint8

const (
	colons layout = 1 << iota
	shortHours
	seconds
)

// zoneLetter makes the elements of zones and offsets.
func zoneLetter(c byte, count int) (element, bool) {
	layouts := [...]layout{0, shortHours, 0, colons, seconds, colons | seconds}
	switch {
	case c == 'V' && count == 2:
		return element{kind: zoneID}, true
	case c == 'z' && count <= 3:
		return element{kind: zoneName, style: short}, true
	case c == 'z' && count == 4:
		return element{kind: zoneName, style: full}, true
	case c == 'Z' && count <= 3:
		return element{kind: offset, field: fOffset, text: "+0000"}, true
	case c == 'Z' && count == 4, c == 'O' && count == 4:
		return element{kind: localOffset, style: full}, true
	case c == 'Z' && count == 5:
		return element{kind: offset, field: fOffset, layout: colons | seconds, text: "Z"}, true
	case c == 'O' && count == 1:
		return element{kind: localOffset, style: short}, true
	case c == 'X' && count <= 5:
		return element{kind: offset, field: fOffset, layout: layouts[count], text: "Z"}, true
	case c == 'x' && count <= 5:
		zero := "+00:00"
		if count == 1 {
			zero = "+00"
		} else if count%2 == 0 {
			zero = "+0000"
		}
		return element{kind: offset, field: fOffset, layout: layouts[count], text: zero}, true
	}
	return element{}, false
}

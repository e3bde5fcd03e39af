package types

import (
	"fmt"
	"strings"
	"time"
)

// posixZone reads the zones that POSIX writes in TZ, as PostgreSQL takes them: a name, perhaps empty, and its offset, which
// counts west of Greenwich ("UTC+3", "EST5", "<+03>-3"), then perhaps the name of summer time, its offset and its rule
// ("EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3"). nil: the text is no zone.
func posixZone(name string) *time.Location {
	s := strings.ToUpper(name)
	if strings.ContainsAny(s, "\n\x00") {
		return nil
	}
	std, s, _ := posixName(s)
	west, s, ok := posixOffset(s)
	if !ok {
		return nil
	}
	if s == "" {
		return time.FixedZone(std, -west)
	}
	dst, s, ok := posixName(s)
	if !ok {
		return nil
	}
	summer := west - 3600
	if s != "" && s[0] != ',' && s[0] != ';' {
		if summer, s, ok = posixOffset(s); !ok {
			return nil
		}
	}
	rule := strings.TrimLeft(s, ",;")
	if rule == "" {
		rule = "M3.2.0,M11.1.0" // of the United States
	}
	tz := fmt.Sprintf("<%s>%s<%s>%s,%s", bracketName(std), offsetText(west), bracketName(dst), offsetText(summer), rule)
	return ruleZone(name, tz)
}

// posixName cuts a zone's name off: between angle brackets, or up to a digit, sign or comma. ok: it is not empty.
func posixName(s string) (name, rest string, ok bool) {
	if strings.HasPrefix(s, "<") {
		if end := strings.IndexByte(s, '>'); end > 0 {
			return s[1:end], s[end+1:], true
		}
		return "", s, false
	}
	n := skip(s, 0, func(c byte) bool { return !isDigit(c) && c != ',' && c != '-' && c != '+' })
	return s[:n], s[n:], n > 0
}

// posixOffset reads [+-]h[:mm[:ss]] in seconds, up to a week's hours.
func posixOffset(s string) (seconds int, rest string, ok bool) {
	sign := 1
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	for i, limit := range [...]int{167, 59, 60} {
		if i > 0 {
			if s == "" || s[0] != ':' {
				break
			}
			s = s[1:]
		}
		if s == "" || !isDigit(s[0]) {
			return 0, s, false
		}
		n, after, over := cInt(s)
		if over || n > limit {
			return 0, s, false
		}
		seconds += n * [...]int{3600, 60, 1}[i]
		s = after
	}
	return sign * seconds, s, true
}

// bracketName makes a name that package time takes between angle brackets.
func bracketName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '-' {
			return r
		}
		return -1
	}, s)
	return s + "XXX"[min(3, len(s)):]
}

func offsetText(west int) string {
	sign := ""
	if west < 0 {
		sign, west = "-", -west
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, west/3600, west/60%60, west%60)
}

// ruleZone makes a zone of a rule. Package time understands rules where they end a zone file (RFC 8536, 3.3), so the zone
// comes as such a file, without transitions.
func ruleZone(name, tz string) *time.Location {
	const unset = 12345 // the file's own offset, which shows only where the text says nothing
	header := func(types, chars byte) []byte {
		h := make([]byte, 44)
		copy(h, "TZif2")
		h[39], h[43] = types, chars
		return h
	}
	block := append(header(1, 4), 0, 0, unset>>8, unset&0xff, 0, 0, '-', '0', '0', 0)
	file := append(append(append([]byte{}, block...), block...), "\n"+tz+"\n"...)
	loc, err := time.LoadLocationFromTZData(name, file)
	if err != nil || offsetAt(0, loc) == unset || offsetAt(182*86400, loc) == unset {
		return nil
	}
	return loc
}

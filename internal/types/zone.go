package types

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // for machines without a zone database

	"streamsql/internal/pgerr"
)

// offsetAt returns the seconds east of UTC in loc at the instant unix (seconds since 1970).
func offsetAt(unix int64, loc *time.Location) int {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, off := time.Unix(unix, 0).In(loc).Zone()
	return off
}

func unixOf(ts int64) int64 { return floorDiv(ts, MicrosPerSecond) + daysEpoch*86400 }

// UTCToLocal turns a timestamptz into the wall clock of loc. nil is UTC; infinities stay.
func UTCToLocal(ts int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || IsInfinite(ts) {
		return ts
	}
	return ts + int64(offsetAt(unixOf(ts), loc))*MicrosPerSecond
}

// LocalToUTC turns a wall clock of loc into a timestamptz. As in PostgreSQL a time that does not exist (clocks went
// forward) counts with the offset from before, one that exists twice with the offset from after.
func LocalToUTC(ts int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || IsInfinite(ts) {
		return ts
	}
	return ts - int64(localOffset(unixOf(ts), loc))*MicrosPerSecond
}

// localOffset returns the offset in force at a wall clock given as seconds since 1970.
func localOffset(wall int64, loc *time.Location) int {
	before, after := offsetAt(wall-86400, loc), offsetAt(wall+86400, loc)
	if before == after {
		return before
	}
	if offsetAt(wall-int64(after), loc) == after {
		return after
	}
	return before // still before the change, or in the gap
}

var zones struct {
	sync.Mutex
	byName map[string]*time.Location // key: lower case
}

// zonesMax bounds the cache; the IANA database has about 600 names.
const zonesMax = 2000

// LoadZone finds a time zone as SET TimeZone and AT TIME ZONE name it: an IANA name in any case, an abbreviation, or
// a POSIX offset ("UTC+3" is three hours west). Error: 22023.
func LoadZone(name string) (*time.Location, error) {
	key := strings.ToLower(name)
	zones.Lock()
	defer zones.Unlock()
	if loc := zones.byName[key]; loc != nil {
		return loc, nil
	}
	loc := findZone(name, key)
	if loc == nil {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
	}
	if zones.byName == nil || len(zones.byName) >= zonesMax {
		zones.byName = map[string]*time.Location{}
	}
	zones.byName[key] = loc
	return loc, nil
}

// CheckTimestamp returns ts, or 22008 if a timestamp cannot hold it; infinities stay.
func CheckTimestamp(ts int64) (int64, error) {
	if !IsInfinite(ts) && (ts < timestampMin || ts >= timestampEnd) {
		return 0, errTimestampRange
	}
	return ts, nil
}

// ZoneAt is LoadZone where a time is said to be in a zone (AT TIME ZONE): there an abbreviation counts first, and has one
// offset all the year, also where a zone of daylight saving has that name (CET). Error: 22023.
func ZoneAt(name string) (*time.Location, error) {
	if key := strings.ToLower(name); ianaShort[key] {
		if off, ok := abbrevs[key]; ok {
			return time.FixedZone(strings.ToUpper(key), off), nil
		}
	}
	return LoadZone(name)
}

// ZoneOfTime is ZoneAt, but a sign and an offset count east of Greenwich, as in a timestamp's text. Error: 22023.
func ZoneOfTime(name string) (*time.Location, error) {
	if name != "" && isDigit(name[0]) {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", name).
			WithHint("Numeric time zones must have \"-\" or \"+\" as first character.")
	}
	switch off, fault := offsetField(name); fault {
	case 0:
		return time.FixedZone(name, off), nil
	case faultOffset:
		return nil, pgerr.New(pgerr.InvalidParameterValue, "numeric time zone \"%s\" out of range", name)
	}
	return ZoneAt(name)
}

func findZone(name, key string) *time.Location {
	switch key {
	case "":
		return nil
	case "utc", "gmt", "z", "zulu", "etc/utc", "ut", "uct":
		return time.UTC
	}
	if off, ok := abbrevs[key]; ok && !ianaShort[key] {
		return time.FixedZone(strings.ToUpper(key), off)
	}
	for _, n := range []string{name, titleZone(key), strings.ToUpper(key)} {
		if strings.EqualFold(n, "local") {
			return nil
		}
		if loc, err := time.LoadLocation(n); err == nil {
			return loc
		}
	}
	return posixZone(name)
}

// ianaShort are names that are both an abbreviation and a zone file with daylight saving; the zone wins in SET TimeZone.
var ianaShort = map[string]bool{"cet": true, "eet": true, "met": true, "wet": true, "est": true, "mst": true, "hst": true}

// titleZone spells "america/new_york" as the database does.
func titleZone(key string) string {
	b, up := []byte(key), true
	for i, c := range b {
		if up && c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
		up = c == '/' || c == '_' || c == '-'
	}
	s := string(b)
	for _, w := range [...]string{"_Of_", "_Es_", "-Au-", "-Of-", "_Du_"} {
		s = strings.ReplaceAll(s, w, strings.ToLower(w))
	}
	return s
}

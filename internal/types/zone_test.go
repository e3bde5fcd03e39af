package types

import "testing"

// TestPOSIXZones: the forms of POSIX's TZ, as PostgreSQL 15 shows 2020-07-01 12:00 and 2020-12-01 12:00 UTC in them.
func TestPOSIXZones(t *testing.T) {
	july, _ := ParseText(T(TimestampTZ), "2020-07-01 12:00+00", DefaultFormat)
	december, _ := ParseText(T(TimestampTZ), "2020-12-01 12:00+00", DefaultFormat)
	for _, c := range []struct{ zone, july, december string }{
		{"<+03>-3", "2020-07-01 15:00:00+03", "2020-12-01 15:00:00+03"},
		{"UTC+3", "2020-07-01 09:00:00-03", "2020-12-01 09:00:00-03"},
		{"EST5EDT,M3.2.0,M11.1.0", "2020-07-01 08:00:00-04", "2020-12-01 07:00:00-05"},
		{"FOO+3BAR", "2020-07-01 10:00:00-02", "2020-12-01 09:00:00-03"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2020-07-01 14:00:00+02", "2020-12-01 13:00:00+01"},
		{"FOO", "", ""}, {"<+03", "", ""}, {"3BAR\n", "", ""}, {"EST5EDT,M13.2.0,M11.1.0", "", ""},
	} {
		loc, err := LoadZone(c.zone)
		if err != nil {
			if c.july != "" {
				t.Errorf("%s: %v", c.zone, err)
			}
			continue
		}
		f := *DefaultFormat
		f.Loc = loc
		got := [2]string{string(AppendText(nil, T(TimestampTZ), july, &f)), string(AppendText(nil, T(TimestampTZ), december, &f))}
		if got != [2]string{c.july, c.december} {
			t.Errorf("%s: %v, want %v %v", c.zone, got, c.july, c.december)
		}
	}
}

package javatime

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func mustCompile(t testing.TB, pattern string) *Pattern {
	t.Helper()
	p, err := Compile(pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return p
}

// TestChoices holds what Java decides in another way, or not at all.
func TestChoices(t *testing.T) {
	for _, c := range []struct {
		pattern, text, want string
	}{
		{"yyyy-MM-dd HH:mm:ss zzz", "2018-06-11 21:58:33 BST", "2018-06-11T20:58:33Z"}, // London, not Bougainville
		{"yyyy-MM-dd HH:mm:ss zzz", "2018-05-11 21:58:33 PST", "2018-05-12T04:58:33Z"}, // the zone, though not its winter time
		{"yyyy-MM-dd HH:mm zzz", "2018-05-11 21:58 IST", "2018-05-11T16:28:00Z"},
		{"yyyy-MM-dd HH:mm zzzz", "2018-05-11 21:58 pacific daylight time", "2018-05-12T04:58:00Z"},
		{"yyyy-MM-dd'T'HH:mm:ssX", "2020-05-11t21:58:33z", "2020-05-11T21:58:33Z"},
		{"yyyy-MM-dd HH", "1605-11-05 24", "1605-11-06T00:00:00Z"},
		{"yyyy-MM-dd", "2021-02-30", "2021-02-28T00:00:00Z"},
		{"", "", "1970-01-01T00:00:00Z"},
		{"VV yyyy", "etc/gmt+3 2000", "2000-01-01T03:00:00Z"},
	} {
		ts, err := mustCompile(t, c.pattern).ParseTimestamp(c.text, nil)
		if err != nil {
			t.Errorf("%q by %q: %v", c.text, c.pattern, err)
		} else if got := types.ToTime(ts).Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%q by %q = %s, want %s", c.text, c.pattern, got, c.want)
		}
	}
}

// TestLoosely holds numbers with fewer digits than letters.
func TestLoosely(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"dd/MM/yyyy", "5/1/2020", "2020-01-05"},
		{"yyyyMMdd", "20200105", "2020-01-05"},
		{"MMM-yyyy", "JAN-2022", "2022-01-01"},
		{"yyyy-MM-dd", "2020-1-5x", ""},
		{"yyyy-MM-dd", "2020--5", ""},
	} {
		ts, err := mustCompile(t, c.pattern).ParseLoosely(c.text)
		got := ""
		if err == nil {
			got = types.ToTime(ts).Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%q by %q = %q (%v), want %q", c.text, c.pattern, got, err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ pattern, text, code string }{
		{"yyyy-MM-dd{", "", pgerr.InvalidParameterValue},
		{"yyyy'open", "", pgerr.InvalidParameterValue},
		{"yyyy]", "", pgerr.InvalidParameterValue},
		{"MMMMMM", "", pgerr.InvalidParameterValue},
		{"j", "", pgerr.InvalidParameterValue},
		{"B", "", pgerr.FeatureNotSupported},
		{strings.Repeat("[", patternMax+1), "", pgerr.ProgramLimitExceeded},
		{"yyyy", "20x0", pgerr.InvalidDatetimeFormat},
		{"yyyy", "2020 ", pgerr.InvalidDatetimeFormat},
		{"yyyy-MM", "2020-13", pgerr.DatetimeFieldOverflow},
		{"yyyy-MM-dd EEE", "2020-01-01 Mon", pgerr.DatetimeFieldOverflow},
		{"u", "999999999", pgerr.DatetimeFieldOverflow},
		{"DDD", "366", pgerr.DatetimeFieldOverflow},
	} {
		p, err := Compile(c.pattern)
		if err == nil {
			_, err = p.ParseTimestamp(c.text, nil)
		}
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%q with %.20q: %v, want %s", c.text, c.pattern, err, c.code)
		}
	}
	for _, inf := range []int64{types.PosInf, types.NegInf} {
		if _, err := mustCompile(t, "yyyy").AppendTimestamp(nil, inf, nil); err == nil {
			t.Errorf("an infinity has a year")
		}
	}
}

// TestRoundTrip formats random instants and reads them back, also around changes of the clocks.
func TestRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, text := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXXXX", "uuuu-DDD N[ 'in' VV] xxxxx", "YYYY-'W'ww-e A n XXXXX", "G y MMMM d h:m:s.SSSSSS a XXXXX",
		"yyyyMMddHHmmssSSSSSSXXXXX", "EEEE, d. LLLL yyyyy k:mm:ss:SSSSSS ZZZZZ"} {
		p := mustCompile(t, text)
		for _, zone := range []string{"UTC", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "+05:30"} {
			loc, err := LoadZone(zone)
			if err != nil {
				t.Fatal(err)
			}
			for range 200 {
				ts := rnd.Int64N(2_000_000_000_000_000) - 1_000_000_000_000_000 // 1968 to 2031
				b, err := p.AppendTimestamp(nil, ts, loc)
				if err != nil {
					t.Fatal(err)
				}
				if back, err := p.ParseTimestamp(string(b), loc); back != ts || err != nil {
					t.Fatalf("%s in %s: %d gives %s, which is %d (%v)", text, zone, ts, b, back, err)
				}
			}
		}
	}
}

// FuzzPattern looks for panics, and for texts that a pattern writes and does not read.
func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ssX", "2020-01-02T03:04:05Z", int64(1_000_000))
	f.Add("pppd[ZZZZ]'x'''", "  3", int64(-5))
	f.Add("YYYY'W'wwe VV zzzz", "2020W011 UTC UTC", int64(77))
	f.Fuzz(func(t *testing.T, pattern, text string, ts int64) {
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		_, _ = p.ParseTimestamp(text, time.UTC)
		_, _ = p.ParseLoosely(text)
		_, _ = p.ParseDate(text)
		_, _ = p.ParseTime(text)
		if ts, err = types.CheckTimestamp(ts); err != nil {
			return
		}
		if b, err := p.AppendTimestamp(nil, ts, time.UTC); err == nil {
			_, _ = p.ParseTimestamp(string(b), time.UTC)
		}
	})
}

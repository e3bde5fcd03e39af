package format

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

var base = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestClockAgainstTime compares the fast way with package time over random instants.
func TestClockAgainstTime(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	var c Clock
	lo, hi := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
	for range 20_000 {
		at := time.Unix(lo+rnd.Int64N(hi-lo), rnd.Int64N(1_000_000)*1000).UTC()
		want := at.Unix()*1_000_000 + int64(at.Nanosecond()/1000) - base.Unix()*1_000_000
		for _, layout := range []string{"2006-01-02 15:04:05.000000", "2006-01-02T15:04:05.000000Z"} {
			text := at.Format(layout)
			if got, ok := c.fast([]byte(text)); !ok || got != want {
				t.Fatalf("%s: got %d, %v, want %d", text, got, ok, want)
			}
			if got, n, ok := c.Quoted([]byte(text + `"`)); !ok || got != want || n != len(text) {
				t.Fatalf("%s quoted: got %d, %d, %v, want %d", text, got, n, ok, want)
			}
		}
	}
}

// TestClockRefuses has texts that the fast way must leave to PostgreSQL's input function, which then decides.
func TestClockRefuses(t *testing.T) {
	var c Clock
	for _, s := range []string{"", "2024-02-30 00:00:00", "2023-02-29 00:00:00", "2024-13-01 00:00:00", "2024-00-01 00:00:00", "2024-01-00 00:00:00",
		"0000-01-01 00:00:00", "2024-01-01 24:00:00", "2024-01-01 23:60:00", "2024-01-01 23:59:60", "2024-01-01x00:00:00", "2024-01-01 00:00:0:",
		"2024-01-01 00;00:00", "2024-01-01 00:00:00.", "2024-01-01 00:00:00.1234567890", "2024-01-01 00:00:00 Z", "2024-01-01 00:00:00+1",
		"2024-01-01 00:00:00+16:00", "2024-01-01 00:00:00+01:60", "2024-01-01 00:00:00+01-30", "2024/01/01 00:00:00", "2o24-01-01 00:00:00"} {
		if v, ok := c.fast([]byte(s)); ok {
			t.Errorf("%q parsed as %d", s, v)
		}
	}
}

func TestClockSlow(t *testing.T) {
	var c Clock
	for s, want := range map[string]string{
		"2024-02-29":                       "2024-02-29 00:00:00",
		"2024-02-29 24:00:00":              "2024-03-01 00:00:00",
		"20240229T010203":                  "2024-02-29 01:02:03",
		"2024-02-29 01:02:03 Europe/Paris": "2024-02-29 00:02:03",
	} {
		v, err := c.Timestamp([]byte(s))
		if got := string(types.AppendText(nil, types.T(types.Timestamp), types.IntValue(v), nil)); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", s, got, err, want)
		}
	}
	if _, err := c.Timestamp([]byte("soon")); pgerr.Code(err) != pgerr.InvalidDatetimeFormat {
		t.Errorf("got %v", err)
	}
}

func TestMillis(t *testing.T) {
	for _, ms := range []int64{0, 1, -1, 1_700_000_000_123, -62_135_596_800_000} {
		us, err := TimestampFromMillis(ms)
		if err != nil || MillisFromTimestamp(us) != ms {
			t.Errorf("%d -> %d -> %d (%v)", ms, us, MillisFromTimestamp(us), err)
		}
	}
	if got := MillisFromTimestamp(-1); got != epochMillis-1 {
		t.Errorf("one microsecond before 2000 is %d", got)
	}
	for _, ms := range []int64{1 << 62, -1 << 62, timestampMax/1000 + epochMillis, timestampMin/1000 + epochMillis - 1} {
		if _, err := TimestampFromMillis(ms); pgerr.Code(err) != pgerr.DatetimeFieldOverflow {
			t.Errorf("%d: %v", ms, err)
		}
	}
	if us, err := TimestampFromMillis(timestampMin/1000 + epochMillis); err != nil || us != timestampMin {
		t.Errorf("the earliest timestamp: %d, %v", us, err)
	}
}

func TestFraction(t *testing.T) {
	for in, want := range map[string]string{"5": "500000 1", "05": "50000 2", "123": "123000 3", "123456": "123456 6", "1234565": "123457 7", "999999999": "1000000 9", "": "0 0", "x": "0 0", "12x": "120000 2", "1234567890": "0 0"} {
		us, n := fraction([]byte(in))
		if got := fmt.Sprint(us, n); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

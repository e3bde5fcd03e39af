package types

import (
	"encoding/binary"
	"time"

	"streamsql/internal/pgerr"
)

// ZonedTime is a time of day with its zone's offset. In a Value it is 12 bytes whose order is that of the type: the instant
// (Micros less the offset), then the zone, both with the sign bit turned.
type ZonedTime struct {
	Micros int64 // of the day on that zone's clocks, 0..MicrosPerDay
	East   int32 // seconds east of UTC
}

const timeTZLen = 12

// Value returns z's value.
func (z ZonedTime) Value() Value {
	b := make([]byte, 0, timeTZLen)
	b = binary.BigEndian.AppendUint64(b, uint64(z.Micros-int64(z.East)*MicrosPerSecond)^1<<63)
	return BytesValue(binary.BigEndian.AppendUint32(b, uint32(-z.East)^1<<31))
}

// ZonedTimeOf reads a value of kind TimeTZ; what is no such value is midnight UTC.
func ZonedTimeOf(b []byte) ZonedTime {
	if len(b) != timeTZLen {
		return ZonedTime{}
	}
	east := -int32(binary.BigEndian.Uint32(b[8:]) ^ 1<<31)
	utc := int64(binary.BigEndian.Uint64(b) ^ 1<<63)
	return ZonedTime{Micros: utc + int64(east)*MicrosPerSecond, East: east}
}

// At returns the same instant on the clocks of a zone east seconds east of UTC.
func (z ZonedTime) At(east int32) ZonedTime {
	return ZonedTime{Micros: modMicros(z.Micros + int64(east-z.East)*MicrosPerSecond), East: east}
}

// Add moves z by the time of day of s, modulo a day.
func (z ZonedTime) Add(s Span) ZonedTime {
	z.Micros = TimeAdd(z.Micros, s)
	return z
}

func appendTimeTZ(dst, b []byte) []byte {
	z := ZonedTimeOf(b)
	return appendOffset(appendClock(dst, z.Micros), int(z.East))
}

// parseTimeTZ reads a time of day; without a zone it is in f's, at the date of f.Now where that decides.
func parseTimeTZ(t Type, s string, f *Format) (Value, error) {
	dt := timeDecoder{f: f, timeOnly: true}
	if fault := dt.decode(s); fault != 0 {
		return Value{}, fault.report("time with time zone", s, dt.word)
	}
	z := ZonedTime{Micros: dt.micros, East: int32(dt.off)}
	dated := dt.got&gotDate == gotDate
	switch {
	case dt.loc == nil && dt.got&gotZone != 0:
	case dated:
		loc := dt.loc
		if loc == nil {
			loc = f.Loc
		}
		z.East = offsetOfLocal(dt.day()*MicrosPerDay+dt.micros, loc)
	case dt.loc != nil:
		z.East = int32(offsetAt(0, dt.loc))
	default:
		z.East = TodayOffset(z.Micros, f)
	}
	z.Micros = fitMicros(t, z.Micros)
	return z.Value(), nil
}

// offsetOfLocal is the offset in seconds east at a wall clock of loc.
func offsetOfLocal(wall int64, loc *time.Location) int32 {
	return int32((wall - LocalToUTC(wall, loc)) / MicrosPerSecond)
}

// TodayOffset is the offset of f's zone at a time of today (the day of f.Now), in seconds east.
func TodayOffset(micros int64, f *Format) int32 {
	today := TimestampToDate(UTCToLocal(f.Now, f.Loc))
	return offsetOfLocal(today*MicrosPerDay+micros, f.Loc)
}

// fixedOffset reports that loc's clocks have always had one offset, in this and the last century.
func fixedOffset(loc *time.Location) bool {
	first := offsetAt(0, loc)
	for y := int64(-70); y < 140; y++ {
		for half := range int64(2) {
			if offsetAt(y*31556952+half*15778476, loc) != first {
				return false
			}
		}
	}
	return true
}

func appendTimeTZBinary(dst, b []byte) []byte {
	z := ZonedTimeOf(b)
	dst = binary.BigEndian.AppendUint64(dst, uint64(z.Micros))
	return binary.BigEndian.AppendUint32(dst, uint32(-z.East))
}

// timeTZWestMax is the first zone that is too far from UTC, in seconds.
const timeTZWestMax = 16 * 3600

func parseTimeTZBinary(t Type, b []byte) (Value, error) {
	micros, west := int64(binary.BigEndian.Uint64(b)), int32(binary.BigEndian.Uint32(b[8:]))
	if micros < 0 || micros > MicrosPerDay {
		return Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "time out of range")
	}
	if west <= -timeTZWestMax || west >= timeTZWestMax {
		return Value{}, pgerr.New("22009", "time zone displacement out of range")
	}
	return ZonedTime{Micros: fitMicros(t, micros), East: -west}.Value(), nil
}

// castTimeTZ casts from time with time zone.
func castTimeTZ(from, to Type, b []byte) (Value, error) {
	z := ZonedTimeOf(b)
	switch to.Kind {
	case Time:
		return fitModifier(to, IntValue(z.Micros))
	case TimeTZ:
		z.Micros = fitMicros(to, z.Micros)
		return z.Value(), nil
	}
	return Value{}, cannotCast(from, to)
}

// timestampToTimeTZ is the time of day of a timestamptz in f's zone; of an infinity it is NULL.
func timestampToTimeTZ(to Type, ts int64, f *Format) (Value, error) {
	if IsInfinite(ts) {
		return Null, nil
	}
	local := UTCToLocal(ts, f.Loc)
	z := ZonedTime{Micros: TimestampToTime(local), East: int32((local - ts) / MicrosPerSecond)}
	z.Micros = fitMicros(to, z.Micros)
	return z.Value(), nil
}

// extractTimeTZ gives a field of a time with time zone.
func extractTimeTZ(name string, b []byte) (Dec, bool) {
	z := ZonedTimeOf(b)
	switch name {
	case "timezone":
		return DecFromInt(int64(z.East)), true
	case "timezone_h":
		return DecFromInt(int64(z.East / 3600)), true
	case "timezone_m":
		return DecFromInt(int64(z.East / 60 % 60)), true
	case "epoch":
		return DecFromScaled(z.Micros-int64(z.East)*MicrosPerSecond, 6), true
	}
	return extractClock(name, z.Micros)
}

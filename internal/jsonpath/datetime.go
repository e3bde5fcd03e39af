package jsonpath

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// The forms that .datetime() knows: dates, times and both, with T or blanks between, an offset behind a time.
const (
	dateForm = `(-?\d{1,9})-(\d{1,9})-(\d{1,9})`
	timeForm = `(\d{1,9}):(\d{1,9}):(\d{1,9})(?:\.(\d{1,6}))?\s*(?:([+-])(\d{1,2})(?::(\d{1,2}))?)?`
)

var datetimeForm = regexp.MustCompile(`^\s*(?:` + dateForm + `|` + timeForm + `|` + dateForm + `(?:\s+|T)` + timeForm + `)\s*$`)

// Moment is a date or time with the offset it was written with.
type Moment struct {
	Type types.Type
	Val  types.Value
	East int // seconds, of a type with time zone
}

func (x *run) datetime(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	if !it.is(types.JSONString) {
		return false, soft(badDatetime, "jsonpath item method .datetime() can only be applied to a string")
	}
	var m Moment
	var err error
	if n.Left != nil {
		if x.o.Template == nil {
			return false, pgerr.Unsupported(pgerr.NoPos, ".datetime() with a template")
		}
		if m, err = x.o.Template(it.JSON.Str, n.Left.Str); err != nil {
			return false, softError{pgerr.From(err)}
		}
	} else {
		var ok bool
		if m, ok = readDatetime(it.JSON.Str); !ok {
			return false, softError{pgerr.New(badDatetime, "datetime format is not recognized: \"%s\"", it.JSON.Str).
				WithHint("Use a datetime template argument to specify the input data format.")}
		}
	}
	return x.next(n, Item{Moment: m}, found)
}

// readDatetime reads one of datetimeForm.
func readDatetime(s string) (m Moment, ok bool) {
	p := datetimeForm.FindStringSubmatch(s)
	if p == nil {
		return m, false
	}
	date, clock := p[1:4], p[4:11]
	if p[11] != "" {
		date, clock = p[11:14], p[14:21]
	}
	days, micros := int64(0), int64(0)
	if date[0] != "" {
		v, err := types.MakeDate(atoi(date[0]), atoi(date[1]), atoi(date[2]))
		if err != nil {
			return m, false
		}
		if days, m.Type, m.Val = v, types.T(types.Date), types.IntValue(v); clock[0] == "" {
			return m, true
		}
	}
	h, min, sec := atoi(clock[0]), atoi(clock[1]), atoi(clock[2])
	if h > 23 || min > 59 || sec > 59 {
		return m, false
	}
	micros = h*types.MicrosPerHour + min*types.MicrosPerMinute + sec*types.MicrosPerSecond + atoi((clock[3] + "000000")[:6])
	zoned := clock[4] != ""
	if m.East = int(atoi(clock[5])*3600 + atoi(clock[6])*60); zoned && (atoi(clock[5]) > 15 || atoi(clock[6]) > 59) {
		return m, false
	}
	if clock[4] == "-" {
		m.East = -m.East
	}
	return m.At(days, micros, date[0] != "", true, zoned)
}

// At completes m, which has its offset, by a day, a time of it or both. ok is false where no timestamp can be that.
func (m Moment) At(days, micros int64, dated, timed, zoned bool) (_ Moment, ok bool) {
	switch {
	case !timed:
		m.Type, m.Val = types.T(types.Date), types.IntValue(days)
	case !dated && zoned:
		m.Type, m.Val = types.T(types.TimeTZ), types.ZonedTime{Micros: micros, East: int32(m.East)}.Value()
	case !dated:
		m.Type, m.Val = types.T(types.Time), types.IntValue(micros)
	default:
		ts, err := types.DateToTimestamp(days)
		if err != nil {
			return m, false
		}
		m.Type, ts = types.T(types.Timestamp), ts+micros
		if zoned {
			m.Type, ts = types.T(types.TimestampTZ), ts-int64(m.East)*types.MicrosPerSecond
		}
		m.Val = types.IntValue(ts)
		_, err = types.CheckTimestamp(ts)
		return m, err == nil
	}
	return m, true
}

// atoi reads digits; nothing is 0.
func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// iso writes a moment as ISO 8601, with the offset it was read with.
func (m Moment) iso() string {
	f := *types.DefaultFormat
	f.Loc = time.FixedZone("", m.East)
	s := string(types.AppendText(nil, m.Type, m.Val, &f))
	if m.Type.Kind == types.Timestamp || m.Type.Kind == types.TimestampTZ {
		s = strings.Replace(s, " ", "T", 1)
	}
	if m.Type.Kind == types.TimestampTZ || m.Type.Kind == types.TimeTZ { // the minutes are always there
		at := strings.LastIndexAny(s, "+-")
		if end := len(strings.TrimSuffix(s, " BC")); end-at == 3 {
			s = s[:end] + ":00" + s[end:]
		}
	}
	return s
}

var zonedKinds = map[types.Kind]types.Kind{types.Date: types.TimestampTZ, types.Timestamp: types.TimestampTZ, types.Time: types.TimeTZ}

// compareTimes orders two moments. known is false where dates and times of day meet.
func (x *run) compareTimes(a, b Item) (c int, known bool, err error) {
	clock := func(k types.Kind) bool { return k == types.Time || k == types.TimeTZ }
	if clock(a.Type.Kind) != clock(b.Type.Kind) {
		return 0, false, nil
	}
	to := a.Type
	if rank(b.Type.Kind) > rank(to.Kind) {
		to = b.Type
	}
	av, err := x.widen(a.Moment, to)
	if err != nil {
		return 0, false, err
	}
	bv, err := x.widen(b.Moment, to)
	if err != nil {
		return 0, false, err
	}
	return types.Compare(to, av, bv), true, nil
}

// rank orders the types by which becomes which.
func rank(k types.Kind) int {
	switch k {
	case types.Date, types.Time:
		return 0
	case types.Timestamp:
		return 1
	}
	return 2
}

// widen makes a moment one of type to; the session's zone may be needed.
func (x *run) widen(m Moment, to types.Type) (types.Value, error) {
	if m.Type.Kind == to.Kind {
		return m.Val, nil
	}
	if zonedKinds[m.Type.Kind] == to.Kind && !x.o.UseTZ {
		names := map[types.Kind]string{types.Date: "date", types.Timestamp: "timestamp", types.Time: "time", types.TimestampTZ: "timestamptz", types.TimeTZ: "timetz"}
		return types.Null, pgerr.New(pgerr.FeatureNotSupported, "cannot convert value from %s to %s without time zone usage", names[m.Type.Kind], names[to.Kind]).
			WithHint("Use *_tz() function for time zone support.")
	}
	return types.Cast(m.Type, to, m.Val, x.o.Format)
}

package agg

import (
	"encoding/binary"
	"math"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// A fold computes a result from all values of a group, which the list keeps: for aggregates whose state does not fit
// words. It appends listFull and the result's bytes, listEmpty for NULL, or listError and a message. Values come in the
// list's order, so that the same rows give the same result to the last digit.
type fold func(dst []byte, b *batch.Batch) []byte

// foldOf returns the fold of an aggregate, nil if it has none.
func foldOf(a *expr.Agg, args []types.Type) fold {
	if s, ok := spreads[a.Name]; ok {
		if args[0].Kind == types.Numeric {
			return s.foldDecs
		}
		return func(dst []byte, b *batch.Batch) []byte { return appendFloat(dst, s.floats(b)) }
	}
	if fn, ok := pairFolds[a.Name]; ok {
		count := a.Name == "regr_count"
		return func(dst []byte, b *batch.Batch) []byte {
			m := pairsOf(b)
			if count {
				return binary.LittleEndian.AppendUint64(append(dst, listFull), uint64(m.n))
			}
			return appendFloat(dst, fn(m))
		}
	}
	switch a.Name {
	case "json_agg", "jsonb_agg":
		return jsonArray(args[0], a.Name == "jsonb_agg")
	case "json_object_agg", "jsonb_object_agg":
		return jsonObject(args, a.Name == "jsonb_object_agg")
	case "bit_and", "bit_or", "bit_xor":
		if args[0].Kind == types.Bit {
			return bitStrings(a.Name)
		}
	case "array_agg":
		if args[0].Kind == types.Array {
			return arrayOfArrays(*args[0].Elem)
		}
	}
	return nil
}

// arrayOfArrays is array_agg of arrays, which must be of one shape: an array of a dimension more.
func arrayOfArrays(elem types.Type) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		var shape []int32
		var all []types.Value
		count := int32(0)
		for i, v := range repeated(b, 0) {
			dims, vals, err := types.DecodeArray(v.Bytes, elem)
			switch {
			case v.Null:
				return failed(dst, pgerr.NullValueNotAllowed, "cannot accumulate null arrays")
			case err != nil:
				return failed(dst, pgerr.Code(err), err.Error())
			case len(dims) == 0:
				return failed(dst, pgerr.ArraySubscriptError, "cannot accumulate empty arrays")
			case i == 0:
				shape = dims
			case !slices.Equal(shape, dims):
				return failed(dst, pgerr.ArraySubscriptError, "cannot accumulate arrays of different dimensionality")
			}
			all = append(all, vals...)
			count++
		}
		return full(dst, elem, append([]int32{count}, shape...), all)
	}
}

// appendFloat appends a result; the NaN nullFloat stands for NULL.
func appendFloat(dst []byte, f float64) []byte {
	if math.Float64bits(f) == nullBits {
		return append(dst, listEmpty)
	}
	return binary.LittleEndian.AppendUint64(append(dst, listFull), math.Float64bits(f))
}

const nullBits = 0x7FF8_4E55_4C4C_0000 // a NaN no computation gives

var nullFloat = math.Float64frombits(nullBits)

// foldDecs is stddev and its kin over numeric.
func (s spread) foldDecs(dst []byte, b *batch.Batch) []byte {
	var n int64
	sum, squares := types.DecFromInt(0), types.DecFromInt(0)
	for i, w := range b.Weights {
		x := batch.ValueAt(b.Cols[0], i).N
		m := types.DecFromInt(w)
		n += w
		if x.IsNaN() || x.IsInf() {
			sum, squares = types.NaNDec, types.NaNDec
			continue
		}
		sum, squares = sum.Add(x.Mul(m)), squares.Add(x.Mul(x).Mul(m))
	}
	d, ok, err := s.numeric(n, sum, squares)
	switch {
	case err != nil:
		return failed(dst, pgerr.InvalidParameterValue, err.Error())
	case !ok:
		return append(dst, listEmpty)
	}
	return append(append(dst, listFull), d.String()...)
}

// floats is stddev and its kin over floats.
func (s spread) floats(b *batch.Batch) float64 {
	m := moments{single: true}
	v := b.Cols[0].(*batch.Floats).V
	for i, w := range b.Weights {
		m.add(v[i], v[i], w)
	}
	n := float64(m.n)
	if m.n == 0 || s.sample && m.n == 1 {
		return nullFloat
	}
	if s.sample {
		n--
	}
	if s.root {
		return math.Sqrt(m.sxx / n)
	}
	return m.sxx / n
}

// moments are those of pairs (y, x): sums, and sums of products of what differs from the means. They are added up by the
// method of Youngs and Cramer, in PostgreSQL's way to the last digit.
type moments struct {
	single        bool // of one argument: PostgreSQL divides where it multiplies for pairs
	n             int64
	sx, sy        float64
	sxx, syy, sxy float64
}

// repeatsMax is how often a pair is added one by one; more of the same are added at once, with other rounding.
const repeatsMax = 1000

// add adds a pair w times.
func (m *moments) add(y, x float64, w int64) {
	if w > repeatsMax {
		m.addMany(y, x, float64(w))
		m.n += w
		return
	}
	for range w {
		old := float64(m.n)
		m.n++
		n := float64(m.n)
		m.sx += x
		m.sy += y
		if old == 0 {
			m.sxx, m.syy, m.sxy = (x-x)*0, (y-y)*0, (x-x)*(y-y) // NaN of what is not finite
			continue
		}
		dx, dy, scale := x*n-m.sx, y*n-m.sy, 1/(n*old)
		if m.single {
			m.sxx += float64(dx*dx) / (n * old)
			continue
		}
		m.sxx += float64(dx*dx) * scale
		m.syy += float64(dy*dy) * scale
		m.sxy += float64(dx*dy) * scale
	}
}

func (m *moments) addMany(y, x, w float64) {
	old := float64(m.n)
	if old > 0 {
		dx, dy, scale := m.sx/old-x, m.sy/old-y, old*w/(old+w)
		m.sxx, m.syy, m.sxy = m.sxx+dx*dx*scale, m.syy+dy*dy*scale, m.sxy+dx*dy*scale
	}
	m.sx, m.sy = m.sx+x*w, m.sy+y*w
}

func pairsOf(b *batch.Batch) (m moments) {
	y, x := b.Cols[0].(*batch.Floats), b.Cols[1].(*batch.Floats)
	for i, w := range b.Weights {
		if !y.NullMap().Has(i) && !x.NullMap().Has(i) {
			m.add(y.V[i], x.V[i], w)
		}
	}
	return m
}

// pairFolds are the aggregates of pairs, by PostgreSQL's definitions.
var pairFolds = map[string]func(m moments) float64{
	"regr_count": func(m moments) float64 { return float64(m.n) },
	"regr_sxx":   func(m moments) float64 { return m.some(1, m.sxx) },
	"regr_syy":   func(m moments) float64 { return m.some(1, m.syy) },
	"regr_sxy":   func(m moments) float64 { return m.some(1, m.sxy) },
	"regr_avgx":  func(m moments) float64 { return m.some(1, m.sx/float64(m.n)) },
	"regr_avgy":  func(m moments) float64 { return m.some(1, m.sy/float64(m.n)) },
	"covar_pop":  func(m moments) float64 { return m.some(1, m.sxy/float64(m.n)) },
	"covar_samp": func(m moments) float64 { return m.some(2, m.sxy/float64(m.n-1)) },
	"correlation": func(m moments) float64 {
		if m.sxx == 0 || m.syy == 0 {
			return math.NaN()
		}
		return m.sxy / math.Sqrt(m.sxx*m.syy)
	},
	"corr": func(m moments) float64 {
		if m.sxx == 0 || m.syy == 0 {
			return nullFloat
		}
		return m.some(1, m.sxy/math.Sqrt(m.sxx*m.syy))
	},
	"regr_r2": func(m moments) float64 {
		switch {
		case m.sxx == 0:
			return nullFloat
		case m.syy == 0:
			return m.some(1, 1)
		}
		return m.some(1, m.sxy*m.sxy/(m.sxx*m.syy))
	},
	"regr_slope": func(m moments) float64 {
		if m.sxx == 0 {
			return nullFloat
		}
		return m.some(1, m.sxy/m.sxx)
	},
	"regr_intercept": func(m moments) float64 {
		if m.sxx == 0 {
			return nullFloat
		}
		return m.some(1, (m.sy-m.sx*m.sxy/m.sxx)/float64(m.n))
	},
}

// some is f if there are at least n pairs, else NULL.
func (m moments) some(n int64, f float64) float64 {
	if m.n < n {
		return nullFloat
	}
	return f
}

// jsonArray is json_agg and jsonb_agg; times with a zone are written in UTC.
func jsonArray(t types.Type, binary bool) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		var out []byte
		for i, w := range b.Weights {
			v := batch.ValueAt(b.Cols[0], i)
			for range w {
				out = append(out, ", "...)
				out = expr.AppendJSON(out, t, v, types.DefaultFormat)
			}
		}
		out[0] = '['
		return finishJSON(dst, append(append(out[:1], out[2:]...), ']'), binary)
	}
}

// jsonObject is json_object_agg and jsonb_object_agg: of equal keys jsonb keeps the last.
func jsonObject(args []types.Type, binary bool) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		out := []byte("{ ")
		for i, w := range b.Weights {
			k, v := batch.ValueAt(b.Cols[0], i), batch.ValueAt(b.Cols[1], i)
			if k.Null {
				return failed(dst, pgerr.InvalidParameterValue, "field name must not be null")
			}
			for range w {
				if len(out) > 2 {
					out = append(out, ", "...)
				}
				out = expr.AppendJSONKey(out, args[0], k, types.DefaultFormat)
				out = expr.AppendJSON(append(out, " : "...), args[1], v, types.DefaultFormat)
			}
		}
		return finishJSON(dst, append(out, " }"...), binary)
	}
}

func finishJSON(dst, out []byte, binary bool) []byte {
	if binary {
		norm, err := types.NormalizeJSONB(out)
		if err != nil {
			return failed(dst, pgerr.InvalidParameterValue, err.Error())
		}
		out = norm
	}
	return append(append(dst, listFull), out...)
}

// readFold appends what a fold gave to a column of type t.
func readFold(part []byte, t types.Type, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	switch {
	case part[0] == listEmpty:
		out.AppendNull()
	case part[0] == listError:
		return pgerr.New(string(part[1:6]), "%s", part[6:])
	case t.Class() == types.ClassFloat:
		out.AppendFloat(math.Float64frombits(binary.LittleEndian.Uint64(part[1:])))
	case t.Class() == types.ClassInt:
		out.AppendInt(int64(binary.LittleEndian.Uint64(part[1:])))
	case t.Class() == types.ClassNumeric:
		d, err := types.ParseDec(string(part[1:]))
		if err != nil {
			return err
		}
		out.AppendDec(d)
	default:
		out.AppendBytes(part[1:])
	}
	return nil
}

// full appends an array as a fold's result.
func full(dst []byte, elem types.Type, dims []int32, vals []types.Value) []byte {
	return types.AppendArray(append(dst, listFull), elem, dims, vals)
}

// failed appends an error as a fold's result; readFold raises it with the code.
func failed(dst []byte, code, msg string) []byte {
	return append(append(append(dst, listError), code...), msg...)
}

package expr

import (
	"math"
	"strconv"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// compileCast picks the kernel of a cast: none if both types are represented alike, a loop for the common pairs, and
// types.Cast a row at a time else. All agree with types.Cast.
func compileCast(e *Cast) (node, error) {
	x, err := compile(e.X)
	if err != nil || relabels(e.X.Type(), e.T) {
		return x, err
	}
	k, err := buildCast(e)
	if err != nil {
		return nil, err
	}
	return &callNode{args: []node{x}, ops: make([]operand, 1), kern: k, strict: true, pos: e.Pos}, nil
}

// relabels reports casts that change the type's name and no bit.
func relabels(from, to types.Type) bool {
	if same(from, to) {
		return !hasMods(to) || from.Equal(to)
	}
	switch to.Kind {
	case types.Text, types.Varchar:
		return to.Prec == 0 && (from.Kind == types.Text || from.Kind == types.Varchar || from.Kind == types.Name)
	case types.Int8:
		return from.IsInteger() || from.Kind == types.OID
	case types.Int4:
		return from.Kind == types.Int2
	case types.OID:
		return isReg(from)
	case types.Float8:
		return from.Kind == types.Float4
	case types.Regclass, types.Regtype, types.Regproc, types.Regnamespace:
		return from.Kind == types.OID
	}
	return false
}

func buildCast(e *Cast) (kernel, error) {
	from, to := e.X.Type(), e.T
	if e.Dialect == KSQL && !(from.IsInteger() && (to.Class() == types.ClassFloat || to.Kind == types.Numeric && to.Prec == 0)) {
		return rowKernel(func(_ *row, a []types.Value) (types.Value, error) { return ksqlCast(from, to, a[0]) }, to.Class(), 1), nil
	}
	switch {
	case from.Kind == types.Unknown || from.IsString():
		if isReg(to) {
			return regCast(to), nil
		}
		if sessionText(to) {
			return rowKernel(castSessionText(from, to), to.Class(), 1), nil
		}
		if to.Kind == types.Int4 || to.Kind == types.Int8 {
			return textToInt(from, to), nil
		}
	case readsClock(to) && from.Kind != types.TimeTZ:
		return rowKernel(castTimeTZ(from, to), to.Class(), 1), nil
	case isReg(from) && to.IsString():
		return rowKernel(regName(from), to.Class(), 1), nil
	case from.IsInteger() && to.IsInteger():
		return narrowInts(rangeOf(to.Kind)), nil
	case from.IsInteger() && to.Class() == types.ClassFloat:
		return intsToFloats(to.Kind == types.Float4), nil
	case from.IsInteger() && to.Kind == types.Numeric && to.Prec == 0:
		return intsToDecs, nil
	case from.IsInteger() && to.Kind == types.Text:
		return intsToText, nil
	case from.Kind == types.Date && to.Kind == types.Timestamp && to.Prec == 0:
		return mapInts(types.DateToTimestamp), nil
	case from.Kind == types.Timestamp && to.Kind == types.Date:
		return mapInts(func(v int64) (int64, error) { return types.TimestampToDate(v), nil }), nil
	case from.Class() == types.ClassFloat && to.IsInteger():
		return floatsToInts(rangeOf(to.Kind)), nil
	}
	if to.CastCuts() && !e.Explicit {
		return rowKernel(assignRow(from, to), to.Class(), 1), nil
	}
	return rowKernel(castRow(from, to), to.Class(), 1), nil
}

// assignRow is the cast of a value to be stored, which refuses what an explicit cast cuts.
func assignRow(from, to types.Type) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) { return types.Assign(from, to, a[0], r.format()) }
}

// castRow is the general cast.
func castRow(from, to types.Type) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) { return types.Cast(from, to, a[0], r.format()) }
}

func narrowInts(rng intRange) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.ints()
		x, cx := intsOf(a[0])
		if x == nil {
			out.V[0] = cx
		} else {
			copy(out.V, x)
		}
		if rng.hasAll(out.V) {
			return out, nil
		}
		for i, v := range out.V {
			if rng.has(v) {
				continue
			}
			if err := f.fail(i, rng.err); err != nil {
				return nil, err
			}
			out.V[i] = 0
		}
		return out, nil
	}
}

func intsToFloats(single bool) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.floats()
		x, cx := intsOf(a[0])
		for i := range out.V {
			if x != nil {
				cx = x[i]
			}
			if single {
				out.V[i] = float64(float32(cx))
			} else {
				out.V[i] = float64(cx)
			}
		}
		return out, nil
	}
}

func intsToDecs(f *frame, a []operand) (batch.Vec, error) {
	out := f.decs()
	x, cx := intsOf(a[0])
	for i := range out.V {
		if x != nil {
			cx = x[i]
		}
		out.V[i] = types.DecFromInt(cx)
	}
	return out, nil
}

func intsToText(f *frame, a []operand) (batch.Vec, error) {
	out := f.bytes()
	x, cx := intsOf(a[0])
	for i := range f.n {
		if x != nil {
			cx = x[i]
		}
		if !f.skip(i) {
			out.Data = strconv.AppendInt(out.Data, cx, 10)
		}
		out.Off = append(out.Off, uint32(len(out.Data)))
	}
	return out, nil
}

func floatsToInts(rng intRange) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.ints()
		x, cx := floatsOf(a[0])
		for i := range out.V {
			if x != nil {
				cx = x[i]
			}
			v := math.RoundToEven(cx)
			if v >= -(1<<63) && v < 1<<63 && rng.has(int64(v)) {
				out.V[i] = int64(v)
				continue
			}
			out.V[i] = 0
			if err := f.fail(i, rng.err); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// textToInt reads plain digits itself and leaves blanks, signs it does not know and errors to types.Cast.
func textToInt(from, to types.Type) kernel {
	slow, rng := castRow(from, to), rangeOf(to.Kind)
	return rowKernel(func(r *row, a []types.Value) (types.Value, error) {
		if v, ok := plainInt(a[0].Bytes); ok && rng.has(v) {
			return types.IntValue(v), nil
		}
		if from.Kind == types.Unknown {
			return types.ParseText(to, string(a[0].Bytes), r.format())
		}
		return slow(r, a)
	}, types.ClassInt, 1)
}

// plainInt reads up to 18 decimal digits after an optional minus.
func plainInt(b []byte) (v int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		v = -v
	}
	return v, true
}

// castSessionText reads dates and timestamps, which may be words that mean the statement's time.
func castSessionText(from, to types.Type) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) {
		if isNowWord(string(a[0].Bytes)) && r.x.env.Now == 0 {
			return types.Null, pgerr.Unsupported(pgerr.NoPos, "the word %q where there is no statement time", string(a[0].Bytes))
		}
		if v, ok := nowWord(r.x, to, string(a[0].Bytes)); ok {
			return v, nil
		}
		if readsClock(to) {
			return types.ParseText(to, string(a[0].Bytes), r.clockFormat())
		}
		return types.ParseText(to, string(a[0].Bytes), r.format())
	}
}

// regCast reads the name or number of a catalog object.
func regCast(to types.Type) kernel {
	return rowKernel(func(r *row, a []types.Value) (types.Value, error) {
		s := string(a[0].Bytes)
		if v, ok := plainInt(a[0].Bytes); ok && v >= 0 {
			return types.IntValue(v), nil
		}
		switch to.Kind {
		case types.Regtype:
			if k, ok := types.ByName(s); ok {
				return types.IntValue(int64(types.T(k).OID())), nil
			}
			return types.Null, pgerr.New(pgerr.UndefinedObject, "type %q does not exist", s)
		case types.Regnamespace:
			if oid, ok := schemaOIDs[s]; ok {
				return types.IntValue(oid), nil
			}
			return types.Null, pgerr.New(pgerr.InvalidSchemaName, "schema %q does not exist", s)
		case types.Regproc:
			return types.Null, pgerr.Unsupported(pgerr.NoPos, "the name of a function as regproc")
		}
		if r.x.env.Lookup != nil {
			for _, name := range []string{strings.ReplaceAll(s, `"`, ""), unqualified(s)} {
				if oid, ok := r.x.env.Lookup.RelationOID(name); ok {
					return types.IntValue(int64(oid)), nil
				}
			}
		}
		return types.Null, pgerr.New(pgerr.UndefinedTable, "relation %q does not exist", s)
	}, types.ClassInt, 1)
}

// regName writes the name of a catalog object, or its number if there is none of that number.
// catalogName is format_type's name of a type without modifiers.
func catalogName(t types.Type) string {
	if t.Kind == types.Array {
		return catalogName(*t.Elem) + "[]"
	}
	return typeName(t)
}

func regName(from types.Type) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) {
		oid := uint32(a[0].I)
		switch from.Kind {
		case types.Regclass:
			if r.x.env.Lookup != nil {
				if name, ok := r.x.env.Lookup.RelationName(oid); ok {
					return r.text(name), nil
				}
			}
		case types.Regtype:
			if t, ok := types.ByOID(oid); ok {
				return r.text(catalogName(t)), nil
			}
		case types.Regnamespace:
			for name, o := range schemaOIDs {
				if o == a[0].I {
					return r.text(name), nil
				}
			}
		}
		if oid == 0 {
			return r.text("-"), nil
		}
		return r.text(strconv.FormatUint(uint64(oid), 10)), nil
	}
}

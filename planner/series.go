package planner

import (
	"time"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// seriesRowsMax bounds the rows that a set-returning function may yield: they are part of the plan.
const seriesRowsMax = 1000000

// series is generate_series of constants: integers, numbers, or timestamps with an interval as the step.
func (b *binder) series(args []expr.Expr, pos int) ([]types.Value, types.Type, error) {
	ty, step := seriesTypes(args)
	if len(args) < 2 || len(args) > 3 || ty.Kind == types.Invalid || ty.IsTime() && len(args) != 3 {
		names := ""
		for i, a := range args {
			if i > 0 {
				names += ", "
			}
			names += a.Type().String()
		}
		return nil, ty, pgerr.At(pos, pgerr.UndefinedFunction, "function generate_series(%s) does not exist", names).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	want := []types.Type{ty, ty, step}
	vals := make([]types.Value, len(args))
	for i, a := range args {
		x, err := b.castTo(a, want[i], types.Implicit, pos)
		if err != nil {
			return nil, ty, err
		}
		if vals[i], err = expr.EvalConst(b.opt.Env, x); err != nil {
			return nil, ty, pgerr.WithPos(err, pos)
		}
		if vals[i].Null {
			return nil, ty, nil
		}
	}
	out, err := b.seriesValues(vals, ty)
	if err != nil {
		return nil, ty, pgerr.WithPos(err, pos)
	}
	return out, ty, nil
}

// seriesTypes finds the type of a series and of its step from those of the arguments; Invalid when there is none.
func seriesTypes(args []expr.Expr) (ty, step types.Type) {
	ty = types.T(types.Int4)
	for i, a := range args {
		k := a.Type().Kind
		switch {
		case k == types.Unknown, k == types.Int2, k == types.Int4, k == types.Interval && i == 2 && ty.IsTime():
		case k == types.Int8 && ty.Kind != types.Numeric && !ty.IsTime():
			ty = types.T(types.Int8)
		case k == types.Numeric && !ty.IsTime():
			ty = types.T(types.Numeric)
		case i < 2 && (k == types.TimestampTZ || k == types.Date):
			ty = types.T(types.TimestampTZ)
		case i < 2 && k == types.Timestamp && ty.Kind != types.TimestampTZ:
			ty = types.T(types.Timestamp)
		case i < 2 && k == types.Timestamp:
		default:
			return types.Type{}, step
		}
	}
	if ty.IsTime() {
		return ty, types.T(types.Interval)
	}
	return ty, ty
}

func (b *binder) seriesValues(vals []types.Value, ty types.Type) ([]types.Value, error) {
	switch {
	case ty.IsTime():
		return b.timeSeries(vals[0].I, vals[1].I, vals[2].S, ty)
	case ty.Kind == types.Numeric:
		step := types.DecFromInt(1)
		if len(vals) == 3 {
			step = vals[2].N
		}
		return decSeries(vals[0].N, vals[1].N, step)
	}
	step := int64(1)
	if len(vals) == 3 {
		step = vals[2].I
	}
	return intSeries(vals[0].I, vals[1].I, step)
}

func zeroStep() error {
	return pgerr.New(pgerr.InvalidParameterValue, "step size cannot equal zero")
}

func tooLong() error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "generate_series yields more than %d rows", seriesRowsMax)
}

func intSeries(lo, hi, step int64) ([]types.Value, error) {
	if step == 0 {
		return nil, zeroStep()
	}
	var out []types.Value
	for v := lo; step > 0 && v <= hi || step < 0 && v >= hi; v += step {
		if len(out) == seriesRowsMax {
			return nil, tooLong()
		}
		out = append(out, types.IntValue(v))
		if next := v + step; (next > v) != (step > 0) {
			break // the next value overflows
		}
	}
	return out, nil
}

func decSeries(lo, hi, step types.Dec) ([]types.Value, error) {
	if lo.IsNaN() || hi.IsNaN() || step.IsNaN() {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "start, stop and step of generate_series cannot be NaN")
	}
	if step.Sign() == 0 {
		return nil, zeroStep()
	}
	var out []types.Value
	for v := lo; v.Cmp(hi)*step.Sign() <= 0; v = v.Add(step) {
		if len(out) == seriesRowsMax {
			return nil, tooLong()
		}
		out = append(out, types.DecValue(v))
	}
	return out, nil
}

func (b *binder) timeSeries(lo, hi int64, step types.Span, ty types.Type) ([]types.Value, error) {
	sign := types.Compare(types.T(types.Interval), types.SpanValue(step), types.SpanValue(types.Span{}))
	if sign == 0 {
		return nil, zeroStep()
	}
	var out []types.Value
	for v := lo; sign > 0 && v <= hi || sign < 0 && v >= hi; {
		if len(out) == seriesRowsMax {
			return nil, tooLong()
		}
		out = append(out, types.IntValue(v))
		var err error
		if ty.Kind == types.TimestampTZ {
			v, err = types.TimestampTZAdd(v, step, b.zone())
		} else {
			v, err = types.TimestampAdd(v, step)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// zone is the session's time zone.
func (b *binder) zone() *time.Location {
	if b.opt.Env != nil && b.opt.Env.Format != nil && b.opt.Env.Format.Loc != nil {
		return b.opt.Env.Format.Loc
	}
	return time.UTC
}

package operators

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// windowFunc appends the results of a window function for all rows of a partition.
type windowFunc func(p *partition, c *WindowCall, out batch.Appender) error

// windowFuncs are the functions that are no aggregates, by name.
var windowFuncs = map[string]windowFunc{
	"row_number":   eachInt(func(_ *partition, i int) int { return i + 1 }),
	"rank":         eachInt(func(p *partition, i int) int { from, _ := p.group(i); return from + 1 }),
	"dense_rank":   eachInt(func(p *partition, i int) int { return int(p.peer[i]) + 1 }),
	"percent_rank": eachFloat(percentRank),
	"cume_dist":    eachFloat(func(p *partition, i int) float64 { _, to := p.group(i); return float64(to) / float64(p.n) }),
	"ntile":        ntile,
	"lag":          func(p *partition, c *WindowCall, out batch.Appender) error { return shift(p, c, out, -1) },
	"lead":         func(p *partition, c *WindowCall, out batch.Appender) error { return shift(p, c, out, 1) },
	"first_value":  inFrame(func(rest [3]span, _ int64) int { return nth(rest, 1) }),
	"last_value":   inFrame(func(rest [3]span, _ int64) int { return last(rest) }),
	"nth_value":    inFrame(nth),
}

func eachInt(f func(p *partition, i int) int) windowFunc {
	return func(p *partition, _ *WindowCall, out batch.Appender) error {
		for i := range p.n {
			out.AppendInt(int64(f(p, i)))
		}
		return nil
	}
}

func eachFloat(f func(p *partition, i int) float64) windowFunc {
	return func(p *partition, _ *WindowCall, out batch.Appender) error {
		for i := range p.n {
			out.AppendFloat(f(p, i))
		}
		return nil
	}
}

func percentRank(p *partition, i int) float64 {
	if p.n == 1 {
		return 0
	}
	from, _ := p.group(i)
	return float64(from) / float64(p.n-1)
}

// ntile deals the rows out to as many buckets as the argument of the first row says; the first ones get what is over.
func ntile(p *partition, c *WindowCall, out batch.Appender) error {
	v := batch.ValueAt(p.b.Cols[c.Args[0]], 0)
	if v.Null {
		for range p.n {
			out.AppendNull()
		}
		return nil
	}
	if v.I <= 0 {
		return pgerr.New(pgerr.InvalidArgumentForNtile, "argument of ntile must be greater than zero")
	}
	size, over := int64(p.n)/v.I, int64(p.n)%v.I
	for i := range int64(p.n) {
		if big := (size + 1) * over; i < big {
			out.AppendInt(i/(size+1) + 1)
		} else {
			out.AppendInt((i-big)/size + over + 1)
		}
	}
	return nil
}

// shift is lag (sign -1) and lead: the value some rows away, one if not said, or the default where there is none.
func shift(p *partition, c *WindowCall, out batch.Appender, sign int64) error {
	v := p.b.Cols[c.Args[0]]
	for i := range int64(p.n) {
		by := types.IntValue(1)
		if len(c.Args) > 1 {
			by = batch.ValueAt(p.b.Cols[c.Args[1]], int(i))
		}
		switch at := i + sign*by.I; {
		case by.Null:
			out.AppendNull()
		case at >= 0 && at < int64(p.n):
			out.AppendFrom(v, int(at))
		case len(c.Args) > 2:
			out.AppendFrom(p.b.Cols[c.Args[2]], int(i))
		default:
			out.AppendNull()
		}
	}
	return nil
}

// inFrame makes a function of the value at some place of the frame; at gives the row, -1 for none.
func inFrame(at func(rest [3]span, n int64) int) windowFunc {
	return func(p *partition, c *WindowCall, out batch.Appender) error {
		frames, err := p.frames(c.Frame)
		if err != nil {
			return err
		}
		for i, f := range frames {
			n := types.IntValue(1)
			if len(c.Args) > 1 {
				n = batch.ValueAt(p.b.Cols[c.Args[1]], i)
			}
			switch {
			case n.Null:
				out.AppendNull()
				continue
			case n.I <= 0:
				return pgerr.New(pgerr.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero")
			}
			if row := at(p.rest(c.Frame.Exclude, f, i), n.I); row >= 0 {
				out.AppendFrom(p.b.Cols[c.Args[0]], row)
			} else {
				out.AppendNull()
			}
		}
		return nil
	}
}

// nth returns the n-th row of what is left of a frame.
func nth(rest [3]span, n int64) int {
	for _, s := range rest {
		if s.empty() {
			continue
		}
		if size := int64(s.to - s.from); n > size {
			n -= size
			continue
		}
		return s.from + int(n) - 1
	}
	return -1
}

func last(rest [3]span) int {
	for i := len(rest) - 1; i >= 0; i-- {
		if !rest[i].empty() {
			return rest[i].to - 1
		}
	}
	return -1
}

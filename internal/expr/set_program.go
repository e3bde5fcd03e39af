package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// setRows appends the rows of one call to out, one value a row to each column, and returns how many they are. The
// arguments' Bytes are valid during the call only.
type setRows func(r *row, a []types.Value, out []batch.Appender) (int, error)

// setOf makes the rows of functions that need nothing of the call but its arguments.
func setOf(f setRows) func(*SetCall) (setRows, error) {
	return func(*SetCall) (setRows, error) { return f, nil }
}

// setRowsMax bounds the rows of one call: they are in memory at once.
const setRowsMax = 10000000

// tooManyRows is the error of a call that passes setRowsMax.
func tooManyRows(fn string) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "%s yields more than %d rows", fn, setRowsMax)
}

// SetProgram is a compiled SetCall. It holds scratch buffers: one goroutine at a time.
type SetProgram struct {
	name   string
	args   []Program
	strict bool
	pos    int
	rows   setRows
	build  *batch.Builder
	out    []batch.Appender
	vals   []types.Value
	r      row
}

// CompileSet makes c runnable. Parameters must have been bound.
func CompileSet(c *SetCall) (*SetProgram, error) {
	rows, err := c.Func.rows(c)
	if err != nil {
		return nil, pgerr.WithPos(err, c.Pos)
	}
	p := &SetProgram{name: c.Func.Name, strict: c.Func.Strict, pos: c.Pos, rows: rows, vals: make([]types.Value, len(c.Args))}
	for _, a := range c.Args {
		prog, err := Compile(a)
		if err != nil {
			return nil, err
		}
		p.args = append(p.args, prog)
	}
	ts := make([]types.Type, len(c.Cols))
	for i, col := range c.Cols {
		ts[i] = col.Type
	}
	p.build = batch.NewBuilder(ts)
	for i := range ts {
		p.out = append(p.out, p.build.Col(i))
	}
	p.r.x = &exec{}
	return p, nil
}

// Eval computes the call for all n rows of in: counts[i] is how many output rows input row i has (counts is valid until
// the next Eval), out has one vector a column with the rows of all of them in order. A row that cannot be computed has
// none, if the Env says to go on.
func (p *SetProgram) Eval(env *Env, in []batch.Vec, n int, counts []int32) (_ []int32, out []batch.Vec, err error) {
	if env == nil {
		env = emptyEnv
	}
	args := make([]batch.Vec, len(p.args))
	for i, a := range p.args {
		if args[i], err = a.Eval(env, in, n); err != nil {
			return nil, nil, err
		}
	}
	p.r.x.env = env
	counts = counts[:0]
	total := 0
	for i := range n {
		k, err := p.row(args, i, env)
		if err != nil {
			p.truncate(0)
			return nil, nil, err
		}
		if k != p.out[0].Len()-total {
			return nil, nil, pgerr.New(pgerr.InternalError, "expr: %s says %d rows and gives %d", p.name, k, p.out[0].Len()-total)
		}
		total += k
		counts = append(counts, int32(k))
	}
	p.build.EndRows(batch.Ones(total))
	out = p.build.Seal().Cols
	for i := range out {
		if out[i] == nil {
			out[i] = batch.MakeVec(p.out[i].Class(), 0)
		}
	}
	return counts, out, nil
}

// row appends the rows of input row i.
func (p *SetProgram) row(args []batch.Vec, i int, env *Env) (int, error) {
	for k, v := range args {
		load(&p.vals[k], v, i)
		if p.strict && p.vals[k].Null {
			return 0, nil
		}
	}
	before := p.out[0].Len()
	k, err := p.rows(&p.r, p.vals, p.out)
	if err == nil {
		return k, nil
	}
	p.truncate(before)
	e := pgerr.From(pgerr.WithPos(err, p.pos))
	if env.RowError == nil {
		return 0, e
	}
	return 0, env.RowError(e)
}

func (p *SetProgram) truncate(n int) {
	for _, a := range p.out {
		a.Truncate(n)
	}
}

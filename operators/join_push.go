package operators

import (
	"encoding/binary"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// joinPush joins one batch of one port with the state of the other.
type joinPush struct {
	o         *hashJoin
	port      int
	me, other *joinSide
	in        *batch.Batch
	out       Emitter

	keyBuf  []byte
	keyEnds []int   // per row of in: where its key ends in keyBuf
	keyless []bool  // per row of in: a NULL makes it match nothing
	matches []int64 // per row of in: weight of the other side's matching rows

	// Candidate pairs that were not yet looked at.
	sel       []int32        // row of in
	selWeight []int64        // weight of the other row
	found     *batch.Builder // the other row
	foundKeys []byte         // its key in the other's state, where its m has to change
	foundEnds []int

	changed []matchChange
	single  *batch.Builder // rows of the other side that come out, or no longer, by themselves
}

// matchChange is a change of m of a row in the other side's state.
type matchChange struct {
	key []byte
	n   int64
}

func (p *joinPush) run() error {
	vecs := p.me.codec.Vecs(p.in)
	n := p.in.Rows()
	p.keyEnds, p.keyless = make([]int, n), make([]bool, n)
	pairs := p.o.kind <= Full
	for i, w := range p.in.Weights {
		from := len(p.keyBuf)
		var ok bool
		p.keyBuf, ok = p.me.appendKey(p.keyBuf, vecs, i)
		p.keyEnds[i], p.keyless[i] = len(p.keyBuf), !ok
		if !ok || w == 0 {
			continue
		}
		key := p.keyBuf[from:]
		if p.o.residual == nil && p.other.total != nil {
			if v, ok := p.other.total.Get(key); ok {
				p.matches[i], _ = splitWeight(v)
			}
		}
		if pairs || p.o.residual != nil {
			if err := p.scan(i, key); err != nil {
				return err
			}
		}
	}
	return p.drain()
}

// scan collects the rows of the other side with a key as candidates for row i.
func (p *joinPush) scan(i int, key []byte) error {
	var err error
	p.other.rows.Ascend(key, func(k, v []byte) bool {
		e := p.other.decode(v)
		if err = batch.DecodeRow(k[e.keyLen:], p.found, 0); err != nil {
			err = fmt.Errorf("hash join: read row: %w", err)
			return false
		}
		p.found.Weight(1)
		p.sel, p.selWeight = append(p.sel, int32(i)), append(p.selWeight, e.weight)
		if p.other.counts {
			p.foundKeys = append(p.foundKeys, k...)
			p.foundEnds = append(p.foundEnds, len(p.foundKeys))
		}
		if len(p.sel) == batch.RowsMax {
			err = p.drain() // reads no table and writes none
		}
		return err == nil
	})
	return err
}

// drain looks at the collected candidates: those that match are counted and emitted as pairs.
func (p *joinPush) drain() error {
	n := len(p.sel)
	if n == 0 {
		return nil
	}
	b := p.pairs()
	if p.o.residual != nil {
		v, err := p.o.residual.Eval(p.o.env, b.Cols, n)
		if err != nil {
			return err
		}
		pass := appendTrue(nil, v.(*batch.Bools), n)
		for _, c := range pass {
			p.matches[p.sel[c]] += p.selWeight[c]
			p.noteChange(int(c), p.in.Weights[p.sel[c]])
		}
		if len(pass) < n {
			b = b.Select(pass)
		}
	}
	p.sel, p.selWeight = p.sel[:0], p.selWeight[:0]
	p.foundKeys, p.foundEnds = p.foundKeys[:0], p.foundEnds[:0]
	if b.Rows() == 0 || p.o.kind > Full {
		return nil
	}
	return p.out.Emit(b)
}

func (p *joinPush) noteChange(c int, n int64) {
	if !p.other.counts {
		return
	}
	from := 0
	if c > 0 {
		from = p.foundEnds[c-1]
	}
	p.changed = append(p.changed, matchChange{append([]byte(nil), p.foundKeys[from:p.foundEnds[c]]...), n})
}

// pairs builds the rows (left, right) of all candidates.
func (p *joinPush) pairs() *batch.Batch {
	mine := make([]batch.Vec, len(p.in.Cols))
	for i, v := range p.in.Cols {
		mine[i] = batch.Gather(v, p.sel)
	}
	theirs := p.found.Seal().Cols
	b := &batch.Batch{Cols: p.leftRight(mine, theirs), Weights: make([]int64, len(p.sel))}
	for c, i := range p.sel {
		b.Weights[c] = p.in.Weights[i] * p.selWeight[c]
	}
	return b
}

func (p *joinPush) leftRight(mine, theirs []batch.Vec) []batch.Vec {
	if p.port == 1 {
		mine, theirs = theirs, mine
	}
	cols := make([]batch.Vec, 0, len(mine)+len(theirs))
	return append(append(cols, mine...), theirs...)
}

// end emits the rows that come out by themselves and brings the state of both sides up to date.
func (p *joinPush) end() error {
	if err := p.emitMine(); err != nil {
		return err
	}
	if p.other.alone {
		p.single = batch.NewBuilder(p.other.ts)
		if err := p.changeOther(); err != nil {
			return err
		}
		if err := p.emitSingle(p.single); err != nil {
			return err
		}
	}
	return p.store()
}

// emitMine emits the rows of the batch that come out by themselves.
func (p *joinPush) emitMine() error {
	if !p.me.alone {
		return nil
	}
	var sel []int32
	for i, w := range p.in.Weights {
		if w != 0 && p.me.shows(p.matches[i]) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) == 0 {
		return nil
	}
	b := p.in
	if len(sel) < b.Rows() {
		b = b.Select(sel)
	}
	return p.emitAlone(p.me, p.other, b, p.port == 0)
}

// emitAlone emits rows of side s without a partner.
func (p *joinPush) emitAlone(s, partner *joinSide, b *batch.Batch, left bool) error {
	if !s.pads {
		return p.out.Emit(b)
	}
	nulls := make([]batch.Vec, len(partner.ts))
	for i, t := range partner.ts {
		nulls[i] = batch.Const(t, types.Null, b.Rows())
	}
	cols := make([]batch.Vec, 0, len(b.Cols)+len(nulls))
	if left {
		cols = append(append(cols, b.Cols...), nulls...)
	} else {
		cols = append(append(cols, nulls...), b.Cols...)
	}
	return p.out.Emit(&batch.Batch{Cols: cols, Weights: b.Weights})
}

// changeOther finds the rows of the other side that come out by themselves now and did not before, or the other way
// round.
func (p *joinPush) changeOther() error {
	if p.o.residual != nil {
		for _, c := range p.changed {
			if err := p.changeMatches(c); err != nil {
				return err
			}
		}
		return nil
	}
	from := 0
	for i, w := range p.in.Weights {
		key := p.keyBuf[from:p.keyEnds[i]]
		from = p.keyEnds[i]
		if w == 0 || p.keyless[i] {
			continue
		}
		before, after := p.me.total.add(key, w, nil)
		if p.other.shows(before) == p.other.shows(after) {
			continue
		}
		if err := p.turnKey(key, p.other.shows(after)); err != nil {
			return err
		}
	}
	return nil
}

// turnKey adds (or takes away) all rows of a key of the other side.
func (p *joinPush) turnKey(key []byte, shown bool) error {
	var err error
	p.other.rows.Ascend(key, func(k, v []byte) bool {
		e := p.other.decode(v)
		err = p.turn(k[e.keyLen:], e.weight, shown)
		return err == nil
	})
	return err
}

func (p *joinPush) turn(row []byte, weight int64, shown bool) error {
	if err := batch.DecodeRow(row, p.single, 0); err != nil {
		return fmt.Errorf("hash join: read row: %w", err)
	}
	if !shown {
		weight = -weight
	}
	p.single.Weight(weight)
	if p.single.Len() < batch.RowsMax {
		return nil
	}
	return p.emitSingle(p.single)
}

func (p *joinPush) emitSingle(bl *batch.Builder) error {
	if bl.Len() == 0 {
		return nil
	}
	return p.emitAlone(p.other, p.me, bl.Seal(), p.port == 1)
}

// changeMatches changes m of one row of the other side.
func (p *joinPush) changeMatches(c matchChange) error {
	v, ok := p.other.rows.Get(c.key)
	if !ok {
		return fmt.Errorf("hash join: a matching row is gone")
	}
	e := p.other.decode(v)
	row := append([]byte(nil), c.key[e.keyLen:]...)
	buf := binary.AppendVarint(nil, e.weight)
	p.other.rows.Put(c.key, p.other.appendTail(buf, e.keyLen, e.matches+c.n))
	if p.other.shows(e.matches) == p.other.shows(e.matches+c.n) {
		return nil
	}
	return p.turn(row, e.weight, p.other.shows(e.matches+c.n))
}

// store adds the batch to its own side's state.
func (p *joinPush) store() error {
	from := 0
	var key, tail []byte
	for i, w := range p.in.Weights {
		k := p.keyBuf[from:p.keyEnds[i]]
		from = p.keyEnds[i]
		if w == 0 || p.keyless[i] {
			continue
		}
		key = batch.AppendRow(append(key[:0], k...), p.in.Cols, i)
		tail = p.me.appendTail(tail[:0], len(k), p.matches[i])
		p.me.rows.add(key, w, tail)
	}
	return nil
}

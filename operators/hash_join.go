package operators

import (
	"encoding/binary"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// JoinKind is the kind of a hash join.
type JoinKind uint8

// The join kinds.
const (
	Inner JoinKind = iota
	Left
	Full
	Semi // left rows with a match; output: left columns
	Anti // left rows without a match; output: left columns
)

// JoinConfig configures NewHashJoin. The output is the left columns, then (but for Semi and Anti) the right columns.
type JoinConfig struct {
	Kind                JoinKind
	Left, Right         []types.Type
	LeftKeys, RightKeys []int  // equal in number; the columns of a pair have the same class
	NullSafe            []bool // per pair: NULL matches NULL; nil: none does
	Residual            expr.Expr
	Env                 *expr.Env
}

// hashJoin joins port 0 (left) with port 1 (right): rows match if their keys are equal and the residual is true on them.
// Without keys every pair is looked at (cross join, nested loop).
//
// Law:   with m(l) the sum of the weights of the right rows that match l,
//
//	Inner  out(l, r) = left(l)·right(r) for each pair that matches
//	Left   Inner, and out(l, NULL…) = left(l) where m(l) = 0
//	Full   Left, and out(NULL…, r) = right(r) where no left row matches r
//	Semi   out(l) = left(l) where m(l) > 0
//	Anti   out(l) = left(l) where m(l) = 0
//
// Table: left, right: key (ordered encoding), row encoding -> Σ weight, length of the key part[, m] (varints); left_total,
// right_total: key -> Σ weight over the rows of the key, only on the side whose presence decides about the other's rows
// and without a residual. With a residual each such row has its own m instead.
// Bound: both inputs. Rows whose key has a NULL that matches nothing are not kept.
//
// A batch of one port is joined with the present state of the other port, then added to its own: the sum over all
// batches is the join of the sums, whatever the order. What depends on m is emitted as the difference each change makes,
// which adds up to the law, too.
type hashJoin struct {
	kind     JoinKind
	sides    [2]*joinSide
	residual expr.Program
	env      *expr.Env
}

// joinSide is one input and its state.
type joinSide struct {
	ts       []types.Type
	codec    *rowkey.Codec
	nullSafe []bool
	rows     *weightTable
	total    *weightTable // nil unless the other side's rows depend on this one's and there is no residual

	alone   bool // its rows come out by themselves, depending on their matches: see shows
	matched bool // … when they have a match (semi) instead of none
	pads    bool // … with NULLs for the other side's columns
	counts  bool // its entries carry m
}

// shows reports whether a row of s with the given weight of matches comes out by itself.
func (s *joinSide) shows(matches int64) bool { return (matches > 0) == s.matched }

// NewHashJoin returns a join. Error: key columns whose types do not compare.
func NewHashJoin(c JoinConfig, sp *state.Space) (Operator, error) {
	if len(c.LeftKeys) != len(c.RightKeys) {
		return nil, fmt.Errorf("hash join: %d left keys, %d right keys", len(c.LeftKeys), len(c.RightKeys))
	}
	for i, l := range c.LeftKeys {
		if r := c.RightKeys[i]; !sameKeys(c.Left[l], c.Right[r]) {
			return nil, fmt.Errorf("hash join: key %d compares %s with %s", i, c.Left[l], c.Right[r])
		}
	}
	o := &hashJoin{kind: c.Kind, env: c.Env}
	if c.Residual != nil {
		p, err := expr.Compile(c.Residual)
		if err != nil {
			return nil, fmt.Errorf("hash join: compile %s: %w", c.Residual, err)
		}
		o.residual = p
	}
	nullSafe := c.NullSafe
	if nullSafe == nil {
		nullSafe = make([]bool, len(c.LeftKeys))
	}
	o.sides[0] = &joinSide{ts: c.Left, codec: rowkey.NewCodec(c.Left, nonNil(c.LeftKeys)), nullSafe: nullSafe,
		alone: c.Kind != Inner, matched: c.Kind == Semi, pads: c.Kind == Left || c.Kind == Full}
	o.sides[1] = &joinSide{ts: c.Right, codec: rowkey.NewCodec(c.Right, nonNil(c.RightKeys)), nullSafe: nullSafe,
		alone: c.Kind == Full, pads: true}
	if err := o.open(sp); err != nil {
		return nil, fmt.Errorf("hash join: open state: %w", err)
	}
	return o, nil
}

// sameKeys reports whether equal values of two types have equal keys. The planner casts where they have not.
func sameKeys(l, r types.Type) bool {
	if l.Class() != r.Class() || l.Class() != types.ClassBytes || l.Kind == r.Kind {
		return l.Class() == r.Class()
	}
	return l.IsString() && r.IsString() && l.Kind != types.Char && r.Kind != types.Char
}

func nonNil(cols []int) []int {
	if cols == nil {
		return []int{}
	}
	return cols
}

func (o *hashJoin) open(sp *state.Space) (err error) {
	for i, name := range []string{"left", "right"} {
		s, other := o.sides[i], o.sides[1-i]
		s.counts = s.alone && o.residual != nil
		if s.rows, err = openWeights(sp, name); err != nil {
			return err
		}
		if other.alone && o.residual == nil {
			if s.total, err = openWeights(sp, name+"_total"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *hashJoin) Push(port int, in *batch.Batch, out Emitter) error {
	if in.Rows() == 0 {
		return nil
	}
	p := &joinPush{o: o, port: port, me: o.sides[port], other: o.sides[1-port], in: in, out: out}
	p.matches = make([]int64, in.Rows())
	p.found = batch.NewBuilder(p.other.ts)
	if err := p.run(); err != nil {
		return err
	}
	return p.end()
}

func (o *hashJoin) Flush(Tick, Emitter) error {
	for i, name := range []string{"hash join, left input", "hash join, right input"} {
		if err := o.sides[i].rows.check(name); err != nil {
			return err
		}
		if t := o.sides[i].total; t != nil {
			if err := t.check(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendKey appends the key of a row; ok is false if a NULL in it makes the row match nothing.
func (s *joinSide) appendKey(dst []byte, vecs []batch.Vec, row int) (_ []byte, ok bool) {
	for i, v := range vecs {
		if !s.nullSafe[i] && (v == nil || v.NullMap().Has(row)) {
			return dst, false
		}
	}
	return s.codec.AppendPrefix(dst, vecs, row), true
}

// joinEntry is the value of an entry of a side's rows.
type joinEntry struct {
	weight  int64
	keyLen  int
	matches int64
}

func (s *joinSide) decode(v []byte) joinEntry {
	w, tail := splitWeight(v)
	keyLen, n := binary.Uvarint(tail)
	e := joinEntry{weight: w, keyLen: int(keyLen)}
	if s.counts {
		e.matches, _ = binary.Varint(tail[n:])
	}
	return e
}

func (s *joinSide) appendTail(dst []byte, keyLen int, matches int64) []byte {
	dst = binary.AppendUvarint(dst, uint64(keyLen))
	if s.counts {
		dst = binary.AppendVarint(dst, matches)
	}
	return dst
}

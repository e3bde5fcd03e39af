package operators

import (
	"encoding/binary"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// materialize keeps its input, a multiset of rows, so that it can be read: for views whose last operator is no Readable.
// Changes pass through as they are.
//
// Law:   out = in; Rows = Σ in.
// Table: rows: key columns (ordered encoding), row encoding -> Σ weight, length of the key part (varints).
// Bound: the number of different rows in the view.
type materialize struct {
	ts    []types.Type
	key   []int
	codec *rowkey.Codec
	rows  *weightTable

	keyBuf, tail []byte
}

// NewMaterialize returns an operator that keeps rows of types ts. Rows are found by the key columns, which need not be
// unique; nil: they cannot be looked up.
func NewMaterialize(ts []types.Type, key []int, sp *state.Space) (Readable, error) {
	t, err := openWeights(sp, "rows")
	if err != nil {
		return nil, fmt.Errorf("materialize: open state: %w", err)
	}
	k := key
	if k == nil {
		k = []int{}
	}
	return &materialize{ts: ts, key: key, codec: rowkey.NewCodec(ts, k), rows: t}, nil
}

func (o *materialize) Push(_ int, in *batch.Batch, out Emitter) error {
	vecs := o.codec.Vecs(in)
	for i, w := range in.Weights {
		if w == 0 {
			continue
		}
		o.keyBuf = o.codec.AppendPrefix(o.keyBuf[:0], vecs, i)
		o.tail = binary.AppendUvarint(o.tail[:0], uint64(len(o.keyBuf)))
		o.keyBuf = batch.AppendRow(o.keyBuf, in.Cols, i)
		o.rows.add(o.keyBuf, w, o.tail)
	}
	if in.Rows() == 0 || !out.Wanted() {
		return nil
	}
	return out.Emit(in)
}

func (o *materialize) Flush(Tick, Emitter) error { return o.rows.check("materialize") }

func (o *materialize) Rows(emit func(*batch.Batch) error) error {
	return emitAscending(o.rows.Table, nil, o.ts, emit, decodeKeyed)
}

// decodeKeyed appends the row of an entry whose key ends with the row.
func decodeKeyed(k, v []byte, bl *batch.Builder) error {
	w, tail := splitWeight(v)
	n, _ := binary.Uvarint(tail)
	if err := batch.DecodeRow(k[n:], bl, 0); err != nil {
		return err
	}
	bl.Weight(w)
	return nil
}

func (o *materialize) Key() []int { return o.key }

func (o *materialize) Lookup(key []types.Value, emit func(*batch.Batch) error) error {
	return emitAscending(o.rows.Table, o.codec.AppendPrefix(nil, o.codec.VecsOf(key), 0), o.ts, emit, decodeKeyed)
}

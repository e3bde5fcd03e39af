package engine

import (
	"bytes"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// overlaid reads a table with the open transaction's writes applied. Tick lock held for reading.
func (cs *clientSession) overlaid(ov *overlay, s *scan) ([]*batch.Batch, error) {
	r := cs.e.rels[ov.obj.ID]
	if r == nil || r.reader == nil {
		return nil, undefined(ov.obj)
	}
	rows, err := r.reader.rows(nil)
	if err != nil {
		return nil, err
	}
	var want []byte
	if s.lookup != nil {
		key, err := evalKey(cs.env(), s.lookup)
		if err != nil || key == nil {
			return []*batch.Batch{}, err
		}
		for i, c := range ov.obj.Key {
			want = types.AppendKey(want, ov.obj.Columns[c].Type, key[i])
		}
	}
	out := []*batch.Batch{}
	var k []byte
	for _, b := range rows {
		var sel []int32
		for i := range b.Weights {
			k = k[:0]
			for _, c := range ov.obj.Key {
				k = batch.AppendKey(k, ov.obj.Columns[c].Type, b.Cols[c], i)
			}
			if _, own := ov.rows[string(k)]; !own && (want == nil || bytes.Equal(k, want)) {
				sel = append(sel, int32(i))
			}
		}
		if len(sel) > 0 {
			out = append(out, b.Select(sel))
		}
	}
	for key, row := range ov.rows {
		if row != nil && (want == nil || key == string(want)) {
			out = append(out, &batch.Batch{Cols: row.Cols, Weights: batch.Ones(1)})
		}
	}
	return out, nil
}

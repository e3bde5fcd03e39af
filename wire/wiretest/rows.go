package wiretest

import (
	"streamsql/internal/batch"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// Col is a result column.
func Col(name string, k types.Kind) session.Column {
	return session.Column{Name: name, Type: types.T(k)}
}

// Query is a statement of kind Rows that gives batches.
func Query(cols []session.Column, batches ...*batch.Batch) *Statement {
	return &Statement{Kind: session.Rows, Columns: cols, Batches: batches, Tag: "SELECT "}
}

// Ints is a batch of one integer column, a row for each value.
func Ints(values ...int64) *batch.Batch {
	return &batch.Batch{Cols: []batch.Vec{&batch.Ints{V: values}}, Weights: batch.Ones(len(values))}
}

// Texts is a vector of strings; nil is NULL.
func Texts(values ...any) *batch.Bytes {
	v := &batch.Bytes{Off: []uint32{0}, N: batch.MakeNulls(len(values))}
	for i, x := range values {
		if x == nil {
			v.N.Set(i)
		} else {
			v.Data = append(v.Data, x.(string)...)
		}
		v.Off = append(v.Off, uint32(len(v.Data)))
	}
	return v
}

// Batch puts vectors of equal length side by side, every row with weight 1.
func Batch(cols ...batch.Vec) *batch.Batch {
	return &batch.Batch{Cols: cols, Weights: batch.Ones(cols[0].Len())}
}

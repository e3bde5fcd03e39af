package format

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
)

// Decoder reads one part (key or value) of a record into the row under construction: columns that the record has no
// value for stay unset. It validates all of b. An error is a *pgerr.Error that names the column where there is one;
// the row must be dropped or made NULL then. Nothing of b is kept.
type Decoder interface {
	Decode(b []byte, r *Rows) error
}

// Encoder appends one part of a record: the target columns of a row. Equal rows give equal bytes.
type Encoder interface {
	Append(dst []byte, b *batch.Batch, row int) ([]byte, error)
}

// Named returns err with the column's name before its message.
func Named(column string, err error) error {
	if err == nil {
		return nil
	}
	e := *pgerr.From(err)
	e.Msg = "column \"" + column + "\": " + e.Msg
	return &e
}

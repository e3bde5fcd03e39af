package format

// Decoder reads one part (key or value) of a record into the row under construction: columns that the record has no
// value for stay unset. It validates all of b. An error is a *pgerr.Error that names the column where there is one;
// the row must be dropped or made NULL then. Nothing of b is kept.
type Decoder interface {
	Decode(b []byte, r *Rows) error
}

package engine

import (
	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// headersOf are the headers that the record of a row gets: those of the record that the row was made of.
func (s *topicSink) headersOf(b *batch.Batch, row int) ([]connectors.Header, error) {
	c := s.in.log.cols.headers
	if c < 0 || b.Cols[c].NullMap().Has(row) {
		return nil, nil
	}
	_, all, err := types.DecodeArray(batch.ValueAt(b.Cols[c], row).Bytes, *s.ts[c].Elem)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]connectors.Header, len(all))
	for i, v := range all {
		fs, err := types.DecodeRecord(v.Bytes, s.ts[c].Elem.Fields)
		if err != nil {
			return nil, err
		}
		out[i].Key = string(fs[0].Bytes)
		if !fs[1].Null {
			out[i].Value = append([]byte{}, fs[1].Bytes...)
		}
	}
	return out, nil
}

package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/internal/types"
)

// isHeaders reports the type of a column with all of a record's headers: an array of structs of a text and a bytea.
func isHeaders(t types.Type) bool {
	if t.Kind != types.Array || t.Elem.Kind != types.Record || len(t.Elem.Fields) != 2 {
		return false
	}
	k, v := t.Elem.Fields[0].Type, t.Elem.Fields[1].Type
	return k.IsString() && v.Kind == types.Bytea
}

// noHeaders is the array of no headers.
var noHeaders = types.AppendArrayHeader(nil, nil, 0)

// setHeaders sets a column of headers: the last value of one name (NULL without it), or all in their order. Those that
// streamsql itself writes are not the user's.
func (r *rowReader) setHeaders(m metaColumn, rec *kgo.Record) {
	if m.header != "" {
		for i := len(rec.Headers) - 1; i >= 0; i-- {
			if h := rec.Headers[i]; h.Key == m.header {
				if h.Value != nil {
					r.rows.SetBytes(m.col, h.Value)
				}
				return
			}
		}
		return
	}
	if len(rec.Headers) == 0 {
		r.rows.SetBytes(m.col, noHeaders)
		return
	}
	fields := m.typ.Elem.Fields
	var all []types.Value
	for _, h := range rec.Headers {
		if h.Key == TxnHeader || h.Key == TxnRecordsHeader {
			continue
		}
		value := types.Null
		if h.Value != nil {
			value = types.BytesValue(h.Value)
		}
		all = append(all, types.BytesValue(types.AppendRecord(nil, fields, []types.Value{types.TextValue(h.Key), value})))
	}
	r.rows.SetBytes(m.col, types.AppendArray(nil, *m.typ.Elem, nil, all))
}

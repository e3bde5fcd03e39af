package batch

import "streamsql/internal/types"

// AppendText appends the text form (types.AppendText) of row row of v, which is not NULL there, without boxing what
// occurs most.
func AppendText(dst []byte, t *types.Type, v Vec, row int, f *types.Format) []byte {
	switch v := v.(type) {
	case *Ints:
		return types.AppendTextInt(dst, t.Kind, v.V[row], f)
	case *Bytes:
		switch t.Kind {
		case types.Text, types.Varchar, types.Char, types.JSONB, types.JSON, types.JSONPath, types.Name:
			return append(dst, v.At(row)...)
		}
	case *Decs:
		return v.V[row].Append(dst)
	}
	return types.AppendText(dst, *t, ValueAt(v, row), f)
}

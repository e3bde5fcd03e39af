package delimited

import (
	"testing"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TestKSQL reads lines and writes them as ksqlDB does.
func TestKSQL(t *testing.T) {
	decimal := types.Type{Kind: types.Numeric, Prec: 6, Scale: 4}
	for _, c := range []struct {
		types    []types.Type
		delim    byte
		in, want string // want beginning with a digit and of five bytes: the error's code
	}{
		{[]types.Type{types.T(types.Int4), types.T(types.Text), types.T(types.Int4)}, ',', `-1,a,1`, `"-1",a,1`},
		{[]types.Type{types.T(types.Text), types.T(types.Text)}, ',', `" x ",y`, `" x ",y`},
		{[]types.Type{types.T(types.Text), types.T(types.Text)}, ',', `a," x"`, `a," x"`},
		{[]types.Type{types.T(types.Text), types.T(types.Text)}, ',', `,b`, `,b`},
		{[]types.Type{types.T(types.Text), types.T(types.Text)}, ',', `a,""`, `a,`},
		{[]types.Type{types.T(types.Text), types.T(types.Text)}, ';', `foo,bar;baz`, `foo,bar;baz`},
		{[]types.Type{types.T(types.Text), types.T(types.Int4)}, '\t', "zero\t0", "zero\t0"},
		{[]types.Type{types.T(types.Text)}, ',', `"a,""b"""`, `"a,""b"""`},
		{[]types.Type{types.T(types.Bool), types.T(types.Bool)}, ',', `TRUE,x`, `true,false`},
		{[]types.Type{decimal}, ',', `10`, `10.0000`},
		{[]types.Type{decimal}, ',', `1.00001`, "22003"},
		{[]types.Type{types.T(types.Float8), types.T(types.Float8), types.T(types.Float8)}, ',', `1e10,0.5,100`, `1.0E10,0.5,100.0`},
		{[]types.Type{types.T(types.Date), types.T(types.Time), types.T(types.Timestamp)}, ',', `10,20,30`, `10,20,30`},
		{[]types.Type{types.T(types.Bytea)}, ',', `IQ==`, `IQ==`},
	} {
		got, err := lineAgain(c.types, c.delim, c.in)
		if err != nil {
			got = pgerr.Code(err)
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q (%v)", c.in, got, c.want, err)
		}
	}
	if _, err := NewDecoder([]format.Target{{Name: "a", Type: types.ArrayOf(types.T(types.Int4))}}, ',', true); pgerr.Code(err) != pgerr.FeatureNotSupported {
		t.Errorf("array: %v", err)
	}
}

func lineAgain(ts []types.Type, delim byte, in string) (string, error) {
	var fields []format.Target
	var cols []format.Column
	for i, ty := range ts {
		fields = append(fields, format.Target{Col: i, Name: "c", Type: ty})
		cols = append(cols, format.Column{Name: "c", Type: ty, Needed: true})
	}
	d, err := NewDecoder(fields, delim, true)
	if err != nil {
		return "", err
	}
	r := format.NewRows(cols)
	r.Begin()
	if err := d.Decode([]byte(in), r); err != nil {
		return "", err
	}
	if err := r.End(1, true); err != nil {
		return "", err
	}
	var b *batch.Batch = r.Seal()
	e, err := NewEncoder(fields, delim, true)
	if err != nil {
		return "", err
	}
	out, err := e.Append(nil, b, 0)
	return string(out), err
}

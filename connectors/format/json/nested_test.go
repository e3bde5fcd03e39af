package json

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func structOf(fields ...types.Field) types.Type {
	return types.Type{Kind: types.Record, Fields: fields}
}

func mapOf(k, v types.Type) types.Type { return types.Type{Kind: types.Map, Key: &k, Elem: &v} }

func numeric(p, s int32) types.Type { return types.Type{Kind: types.Numeric, Prec: p, Scale: s} }

// roundTrip decodes a record of one column and writes it again.
func roundTrip(t *testing.T, ty types.Type, f Form, js string) (string, error) {
	t.Helper()
	target := []format.Target{{Name: "C", Type: ty}}
	d, err := NewDecoder(target, f)
	if err != nil {
		return "", err
	}
	r := format.NewRows([]format.Column{{Name: "C", Type: ty, Needed: true}})
	r.Begin()
	if err := d.Decode([]byte(js), r); err != nil {
		return "", err
	}
	if err := r.End(1, true); err != nil {
		return "", err
	}
	e, err := NewEncoder(target, f)
	if err != nil {
		return "", err
	}
	out, err := e.Append(nil, r.Seal(), 0)
	return string(out), err
}

func TestNested(t *testing.T) {
	int4, text := types.T(types.Int4), types.T(types.Text)
	date := types.T(types.Date)
	address := structOf(types.Field{Name: "NUMBER", Type: int4}, types.Field{Name: "street", Type: text})
	deep := mapOf(text, types.ArrayOf(structOf(types.Field{Name: "A", Type: address}, types.Field{Name: "D", Type: date})))
	ksql, bare := Form{KSQL: true}, Form{KSQL: true, Bare: true}
	for i, c := range []struct {
		t        types.Type
		f        Form
		in, want string // want beginning with a digit: the error's code
	}{
		{address, ksql, `{"C":{"number":7,"STREET":"x","more":[{}]}}`, `{"C":{"NUMBER":7,"street":"x"}}`},
		{address, ksql, `{"c":{"street":"x","Street":"y"}}`, `{"C":{"NUMBER":null,"street":"x"}}`},
		{address, ksql, `{"C":{}}`, `{"C":{"NUMBER":null,"street":null}}`},
		{address, ksql, `{"C":null}`, `{"C":null}`},
		{address, ksql, `{"C":[1]}`, "22P02"},
		{address, ksql, `{"C":{"NUMBER":"x"}}`, "22P02"},
		{address, ksql, `{"C":{"NUMBER":1,}}`, "22P02"},
		{address, bare, `{"NUMBER":1}`, `{"NUMBER":1,"street":null}`},
		{deep, ksql, `{"C":{"k":[{"A":{"NUMBER":1},"D":10},null],"a\"b":[]}}`, `{"C":{"a\"b":[],"k":[{"A":{"NUMBER":1,"street":null},"D":10},null]}}`},
		{deep, Form{}, `{"C":{"k":[{"A":null,"D":"1970-01-11"}]}}`, `{"C":{"k":[{"A":null,"D":"1970-01-11"}]}}`},
		{types.ArrayOf(types.ArrayOf(int4)), ksql, `{"C":[[1,2],[],null,[3]]}`, `{"C":[[1,2],[],null,[3]]}`},
		{types.ArrayOf(int4), ksql, `{"C":[[1]]}`, "22P02"},
		{types.ArrayOf(int4), Form{}, `{"C":[[1],[2]]}`, `{"C":[[1],[2]]}`},
		{types.ArrayOf(text), ksql, `{"C":["a",null,1,true,{"x": 1},["b", 2]]}`, `{"C":["a",null,"1","true","{\"x\":1}","[b, 2]"]}`},
		{mapOf(int4, text), Form{}, `{"C":{"2":"b","1":"a"}}`, `{"C":{"1":"a","2":"b"}}`},
		{mapOf(int4, text), ksql, `{"C":{}}`, "42P16"},
		{int4, ksql, `{"C":"12"}`, `{"C":12}`},
		{int4, ksql, `{"C":-1.9}`, `{"C":-1}`},
		{int4, Form{}, `{"C":1.9}`, "22P02"},
		{int4, ksql, `{"C":true}`, "22P02"},
		{int4, bare, `null`, `null`},
		{numeric(4, 2), ksql, `{"C":"1.5"}`, `{"C":1.50}`},
		{numeric(4, 2), ksql, `{"C":1.555}`, "22003"},
		{numeric(4, 2), Form{}, `{"C":1.555}`, `{"C":1.56}`},
		{date, ksql, `{"C":-10}`, `{"C":-10}`},
		{date, ksql, `{"C":"10"}`, `{"C":10}`},
		{types.T(types.Time), ksql, `{"C":"86399999"}`, `{"C":86399999}`},
		{types.T(types.Timestamp), ksql, `{"C":1589234313000}`, `{"C":1589234313000}`},
		{types.T(types.Timestamp), Form{}, `{"C":1589234313000}`, `{"C":"2020-05-11T21:58:33"}`},
		{types.T(types.Bytea), ksql, `{"C":"IQ=="}`, `{"C":"IQ=="}`},
		{text, ksql, `{"C":[1, "x", [true, null]]}`, `{"C":"[1, x, [true, null]]"}`},
		{text, ksql, `{"C": {"a" : [1 , 2]}}`, `{"C":"{\"a\":[1,2]}"}`},
		{text, Form{}, `{"C":[1, 2]}`, `{"C":"[1, 2]"}`},
	} {
		got, err := roundTrip(t, c.t, c.f, c.in)
		if err != nil {
			got = pgerr.Code(err)
		}
		if got != c.want {
			t.Errorf("%d: %s of %s (ksql=%t): %s, want %s (%v)", i, c.in, c.t, c.f.KSQL, got, c.want, err)
		}
	}
}

// gen makes random types and values of them.
type gen struct{ *rand.Rand }

func (g gen) typ(depth int) types.Type {
	if depth > 0 {
		switch g.IntN(6) {
		case 0:
			return types.ArrayOf(g.typ(depth - 1))
		case 1:
			return mapOf(types.T(types.Text), g.typ(depth-1))
		case 2:
			t := types.Type{Kind: types.Record}
			for i := range 1 + g.IntN(3) {
				t.Fields = append(t.Fields, types.Field{Name: fmt.Sprintf("F%d", i), Type: g.typ(depth - 1)})
			}
			return t
		}
	}
	scalars := []types.Type{types.T(types.Bool), types.T(types.Int4), types.T(types.Int8), types.T(types.Float8), types.T(types.Text),
		types.T(types.Bytea), types.T(types.Date), types.T(types.Time), types.T(types.Timestamp), numeric(9, 3)}
	return scalars[g.IntN(len(scalars))]
}

func (g gen) value(t types.Type) types.Value {
	if g.IntN(8) == 0 {
		return types.Null
	}
	switch t.Kind {
	case types.Bool:
		return types.BoolValue(g.IntN(2) == 0)
	case types.Int4:
		return types.IntValue(int64(int32(g.Uint32())))
	case types.Int8:
		return types.IntValue(int64(g.Uint64()))
	case types.Float8:
		return types.Value{F: g.NormFloat64() * 1e6}
	case types.Text, types.Bytea:
		return types.TextValue([]string{"", "a", "é\"\\", "null", "1", "\n"}[g.IntN(6)])
	case types.Date:
		return types.IntValue(int64(g.IntN(40000) - 20000))
	case types.Time:
		return types.IntValue(int64(g.IntN(86_400_000)) * 1000)
	case types.Timestamp:
		return types.IntValue((g.Int64N(2e12) - 1e12) * 1000)
	case types.Numeric:
		d, _ := types.ParseDec(fmt.Sprintf("%d.%03d", g.IntN(1_000_000), g.IntN(1000)))
		return types.Value{N: d}
	}
	return types.BytesValue(g.nested(t))
}

func (g gen) nested(t types.Type) []byte {
	var keys, vals []types.Value
	if t.Kind == types.Record {
		for _, f := range t.Fields {
			vals = append(vals, g.value(f.Type))
		}
		return types.AppendRecord(nil, t.Fields, vals)
	}
	for i := range g.IntN(4) {
		keys, vals = append(keys, types.TextValue(fmt.Sprintf("k%d", i))), append(vals, g.value(*t.Elem))
	}
	if t.Kind == types.Map {
		return types.AppendMap(nil, *t.Key, *t.Elem, keys, vals)
	}
	return types.AppendArray(nil, *t.Elem, nil, vals)
}

// TestNestedRoundTrip writes random values of random types and reads them back.
func TestNestedRoundTrip(t *testing.T) {
	g := gen{rand.New(rand.NewPCG(4, 1))}
	for i := range 3000 {
		ty := g.typ(3)
		v := g.value(ty)
		f := Form{KSQL: true, Bare: i%2 == 0}
		target := []format.Target{{Name: "C", Type: ty}}
		e, err := NewEncoder(target, f)
		if err != nil {
			t.Fatal(err)
		}
		b := batch.NewBuilder([]types.Type{ty})
		b.Append(1, []types.Value{v})
		js, err := e.Append(nil, b.Seal(), 0)
		if err != nil {
			t.Fatal(err)
		}
		d, err := NewDecoder(target, f)
		if err != nil {
			t.Fatal(err)
		}
		r := format.NewRows([]format.Column{{Name: "C", Type: ty, Needed: true}})
		r.Begin()
		if err := d.Decode(js, r); err != nil {
			t.Fatalf("%d: %s of %s: %v", i, js, ty, err)
		}
		if err := r.End(1, true); err != nil {
			t.Fatal(err)
		}
		if got := batch.ValueAt(r.Seal().Cols[0], 0); got.Null != v.Null || !v.Null && !types.Equal(ty, got, v) {
			t.Fatalf("%d: %s of %s came back as %s", i, js, ty, AppendKSQL(nil, ty, got))
		}
	}
}

// FuzzNested reads any text as a deep type: no panic, and what is read is written so that it reads the same.
func FuzzNested(f *testing.F) {
	ty := mapOf(types.T(types.Text), types.ArrayOf(structOf(types.Field{Name: "A", Type: types.T(types.Int8)}, types.Field{Name: "B", Type: types.T(types.Text)})))
	for _, s := range []string{`{"C":{"k":[{"A":1,"b":[1,"x"]},null]}}`, `{"C":{"\u0041":[{"A":1.5,"B":{"x" : 1}}]}}`, `{"C":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, js []byte) {
		form := Form{KSQL: true}
		once, err := roundTrip(t, ty, form, string(js))
		if err != nil {
			return
		}
		if again, err := roundTrip(t, ty, form, once); err != nil || !bytes.Equal([]byte(again), []byte(once)) {
			t.Fatalf("%s, then %s (%v)", once, again, err)
		}
	})
}

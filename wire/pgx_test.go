package wire

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

// echo is a statement that returns its parameters, one column of each type, as one row.
func echo(params ...types.Type) *wiretest.Statement {
	st := wiretest.Query(nil)
	st.Params = params
	for i, p := range params {
		st.Columns = append(st.Columns, session.Column{Name: fmt.Sprint("c", i), Type: p})
	}
	st.Call = func(_ context.Context, _ *wiretest.Session, args []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
		b := &batch.Batch{Weights: batch.Ones(1)}
		for i, a := range args {
			b.Cols = append(b.Cols, batch.NewVec(params[i], []types.Value{a}))
		}
		st.Batches = []*batch.Batch{b}
		return st, nil
	}
	return st
}

// typeSamples are values in PostgreSQL's text form.
var typeSamples = []struct {
	kind types.Kind
	text []string
}{
	{types.Bool, []string{"t", "f"}},
	{types.Int2, []string{"0", "-32768", "32767"}},
	{types.Int4, []string{"0", "-2147483648", "2147483647"}},
	{types.Int8, []string{"0", "-9223372036854775808", "9223372036854775807"}},
	{types.Float4, []string{"0", "-1.5", "3.4028235e+38", "NaN", "Infinity"}},
	{types.Float8, []string{"0", "-1.5", "1e-300", "NaN", "-Infinity"}},
	{types.Numeric, []string{"0", "-12345678901234567890.123456789", "0.00", "NaN", "1000000"}},
	{types.Text, []string{"", "a", "ünï\n\t"}},
	{types.Varchar, []string{"", "abc"}},
	{types.Bytea, []string{`\x`, `\x00ff5c`}},
	{types.Date, []string{"2000-01-01", "1970-01-01", "9999-12-31", "0001-01-01 BC", "infinity", "-infinity"}},
	{types.Time, []string{"00:00:00", "23:59:59.999999"}},
	{types.Timestamp, []string{"2000-01-01 00:00:00", "2026-11-21 08:05:15.123456", "infinity", "-infinity"}},
	{types.TimestampTZ, []string{"2000-01-01 00:00:00+00", "1999-12-31 23:59:59.5+00", "infinity"}},
	{types.Interval, []string{"00:00:00", "1 year 2 mons 3 days 04:05:06.7", "-1 days"}},
	{types.UUID, []string{"00112233-4455-6677-8899-aabbccddeeff"}},
	{types.JSON, []string{`{"a": [1,  2]}`}},
	{types.JSONB, []string{`{"a": [1, 2]}`, "null"}},
	{types.OID, []string{"0", "4294967295"}},
	{types.Name, []string{"n"}},
}

// TestEveryTypeBothWays sends each value as text and reads it as binary, sends that binary back and reads text.
func TestEveryTypeBothWays(t *testing.T) {
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{}}
	add := func(typ types.Type) string {
		name := "echo " + typ.String()
		eng.Script[name] = echo(typ)
		return name
	}
	for _, s := range typeSamples {
		add(types.T(s.kind))
	}
	arrays := map[types.Kind]string{types.Int8: "{1,NULL,-3}", types.Text: `{a,NULL,"b c",""}`, types.Float8: "{{1,2},{3,4}}", types.Bool: "{}"}
	for k := range arrays {
		add(types.ArrayOf(types.T(k)))
	}
	_, url := serve(t, eng, nil)
	c := connect(t, url)
	ctx := testContext(t)
	round := func(typ types.Type, text string) {
		t.Helper()
		name := "echo " + typ.String()
		r := c.ExecParams(ctx, name, [][]byte{[]byte(text)}, nil, []int16{0}, []int16{1}).Read()
		if r.Err != nil {
			t.Errorf("%s %q as binary: %v", typ, text, r.Err)
			return
		}
		bin := bytes.Clone(r.Rows[0][0])
		r = c.ExecParams(ctx, name, [][]byte{bin}, nil, []int16{1}, []int16{0}).Read()
		if r.Err != nil {
			t.Errorf("%s %q from binary %x: %v", typ, text, bin, r.Err)
		} else if got := string(r.Rows[0][0]); got != text {
			t.Errorf("%s: %q came back as %q (binary %x)", typ, text, got, bin)
		}
		r = c.ExecParams(ctx, name, [][]byte{nil}, nil, nil, []int16{1}).Read()
		if r.Err != nil || r.Rows[0][0] != nil {
			t.Errorf("%s NULL came back as %q, %v", typ, r.Rows, r.Err)
		}
	}
	for _, s := range typeSamples {
		for _, text := range s.text {
			round(types.T(s.kind), text)
		}
	}
	for k, text := range arrays {
		round(types.ArrayOf(types.T(k)), text)
	}
}

// TestPgx uses the driver as programs do: a statement cache, named types, transactions, a batch.
func TestPgx(t *testing.T) {
	kinds := []types.Type{types.T(types.Int8), types.T(types.Text), types.T(types.Float8), types.T(types.Bool), types.T(types.Bytea), types.T(types.Int4), types.T(types.Int2)}
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{
		"select $1, $2, $3, $4, $5, $6, $7": echo(kinds...),
		"insert":                            {Tag: "INSERT 0 3"},
		"bad":                               {Err: pgerr.New(pgerr.DivisionByZero, "division by zero")},
	}}
	_, url := serve(t, eng, nil)
	ctx := testContext(t)
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	if err := db.Ping(ctx); err != nil {
		t.Fatal("ping:", err)
	}
	for i := range 3 {
		var a int64
		var s string
		var f float64
		var b bool
		var raw []byte
		var i4 int32
		var i2 int16
		err := db.QueryRow(ctx, "select $1, $2, $3, $4, $5, $6, $7", int64(i), "é", 1.5, true, []byte{0, 1}, int32(-4), int16(-2)).Scan(&a, &s, &f, &b, &raw, &i4, &i2)
		if err != nil {
			t.Fatal(err)
		}
		if a != int64(i) || s != "é" || f != 1.5 || !b || !bytes.Equal(raw, []byte{0, 1}) || i4 != -4 || i2 != -2 {
			t.Fatal("got", a, s, f, b, raw, i4, i2)
		}
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if tag, err := tx.Exec(ctx, "insert"); err != nil || tag.RowsAffected() != 3 {
		t.Fatal(tag, err)
	}
	_, err = tx.Exec(ctx, "bad")
	wantCode(t, err, pgerr.DivisionByZero)
	_, err = tx.Exec(ctx, "insert")
	wantCode(t, err, pgerr.InFailedSQLTransaction)
	if err := tx.Commit(ctx); err == nil {
		t.Error("a failed transaction committed")
	}
	b := &pgx.Batch{}
	for range 100 {
		b.Queue("insert")
	}
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		t.Fatal("batch:", err)
	}
}

// TestCopyFrom sends rows that need escapes through pgconn's COPY and checks what the receiver got.
func TestCopyFrom(t *testing.T) {
	var got []string
	st := &wiretest.Statement{Kind: session.CopyIn, Columns: []session.Column{wiretest.Col("a", types.Text), wiretest.Col("b", types.Text)}, Tag: "COPY ",
		Rows: func(fields [][]byte) error {
			got = append(got, fmt.Sprintf("%q", fields))
			if string(fields[0]) == "refuse" {
				return pgerr.New(pgerr.NotNullViolation, "no")
			}
			return nil
		}}
	_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"copy": st}}, nil)
	c := connect(t, url)
	tag, err := c.CopyFrom(testContext(t), strings.NewReader("a\\tb\t\\N\n\\x41\\101\\\\\t\n"), "copy")
	if err != nil || tag.String() != "COPY 2" {
		t.Fatal(tag, err)
	}
	if want := []string{`["a\tb" ""]`, `["AA\\" ""]`}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("received %s, want %s", got, want)
	}
	_, err = c.CopyFrom(testContext(t), strings.NewReader("x\ty\nrefuse\tit\n"+strings.Repeat("more\tand more\n", 100_000)), "copy")
	if pe := wantCode(t, err, pgerr.NotNullViolation); pe.Detail != "Line 2 of the COPY data." {
		t.Errorf("detail %q", pe.Detail)
	}
	if tag, err := c.CopyFrom(testContext(t), strings.NewReader(""), "copy"); err != nil || tag.String() != "COPY 0" {
		t.Errorf("after an error: %v, %v", tag, err)
	}
}

// TestPsql runs the real client where there is one.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql on PATH")
	}
	n := []session.Column{wiretest.Col("n", types.Int8), wiretest.Col("s", types.Text)}
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{
		"select 1": wiretest.Query(n, wiretest.Batch(&batch.Ints{V: []int64{1, 2}}, wiretest.Texts("ä", nil))),
		"COPY  ( select 1 ) TO STDOUT": {Kind: session.CopyOut, Columns: n, Tag: "COPY ",
			Batches: []*batch.Batch{wiretest.Batch(&batch.Ints{V: []int64{1}}, wiretest.Texts("a\tb"))}},
		"wröng": {Err: pgerr.At(len("wrö"), pgerr.UndefinedColumn, "no such thing")},
	}}
	_, url := serve(t, eng, func(c *Config) { c.Password = "sesame" })
	cmd := exec.CommandContext(testContext(t), psql, withPassword(url, "sesame"), "-X", "-At",
		"-c", "select 1", "-c", `\copy (select 1) to stdout`, "-c", "wröng", "-c", ";")
	cmd.Env = []string{"LANG=C.UTF-8", "PGCLIENTENCODING=UTF8"}
	out, _ := cmd.CombinedOutput()
	want := "1|ä\n2|\n1\ta\\tb\nERROR:  no such thing\nLINE 1: wröng\n           ^\n"
	if string(out) != want {
		t.Errorf("psql printed\n%swant\n%s", out, want)
	}
}

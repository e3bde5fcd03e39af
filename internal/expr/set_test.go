package expr

import (
	"fmt"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// setCallOf reads "name(arguments)" as a call of a set-returning function.
func setCallOf(s string, cols map[string]Column) (c *SetCall, err error) {
	name, rest, _ := strings.Cut(s, "(")
	p := &parser{s: rest, cols: cols}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	args := p.args(")")
	if c, err = ResolveSetFunction([]string{name}, args, 0); c == nil && err == nil {
		err = fmt.Errorf("no set-returning function %s", name)
	}
	return c, err
}

// setText evaluates a call of constants as examples show it.
func setText(c *SetCall) (string, error) {
	p, err := CompileSet(c)
	if err != nil {
		return "", err
	}
	counts, out, err := p.Eval(testEnv, nil, 1, nil)
	if err != nil {
		return "", err
	}
	return rowsText(c, out, int(counts[0])), nil
}

func rowsText(c *SetCall, out []batch.Vec, n int) string {
	rows := make([]string, n)
	for i := range rows {
		cols := make([]string, len(out))
		for k, v := range out {
			cols[k] = "NULL"
			if !v.NullMap().Has(i) {
				cols[k] = string(types.AppendText(nil, c.Cols[k].Type, batch.ValueAt(v, i), nil))
			}
		}
		rows[i] = strings.Join(cols, " | ")
	}
	return strings.Join(rows, "; ")
}

func TestSetExamples(t *testing.T) {
	for _, f := range SetFunctions() {
		if f.Doc == "" || f.Example == "" {
			t.Errorf("%s has no doc or no example", f.Signature())
			continue
		}
		c, err := setCallOf(f.Example, nil)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
			continue
		}
		if got, err := setText(c); err != nil || got != f.ExampleResult {
			t.Errorf("%s = %s, %v; the registry says %s", f.Example, got, err, f.ExampleResult)
		}
	}
}

func TestSetErrors(t *testing.T) {
	for text, want := range map[string]string{
		"generate_series(1, 2, 0)":             "22023 step size cannot equal zero",
		"generate_series(1, 20000000)":         "54000 generate_series yields more than 10000000 rows",
		"generate_series(1.5, 'NaN'::numeric)": "22023 stop value cannot be NaN",
		"jsonb_each('[1]'::jsonb)":             "22023 cannot call jsonb_each on a non-object",
		"json_array_elements('{}'::json)":      "22023 cannot call json_array_elements on a non-array",
		"json_object_keys('1'::json)":          "22023 cannot call json_object_keys on a scalar",
		"regexp_split_to_table('a', '', 'g')":  `22023 regexp_split_to_table() does not support the "global" option`,
		"unnest('{1}')":                        "42725 function unnest(unknown) is not unique",
		"unnest(1)":                            "42883 function unnest(integer) does not exist",
	} {
		c, err := setCallOf(text, nil)
		if err == nil {
			_, err = setText(c)
		}
		if e := pgerr.From(err); err == nil || e.Code+" "+e.Msg != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestSetRows: counts and rows over a batch; a NULL argument and a row that fails have no rows.
func TestSetRows(t *testing.T) {
	i4 := types.T(types.Int4)
	c, err := setCallOf("generate_series(1, a, b)", map[string]Column{"a": {Index: 0, T: i4}, "b": {Index: 1, T: i4}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := CompileSet(c)
	if err != nil {
		t.Fatal(err)
	}
	in, err := batch.Parse([]types.Type{i4, i4}, "+1 3 1\n+1 NULL 1\n+1 0 1\n+1 5 0\n+1 5 2\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Eval(&Env{}, in.Cols, in.Rows(), nil); pgerr.Code(err) != pgerr.InvalidParameterValue {
		t.Errorf("a step of zero: %v", err)
	}
	failed := 0
	env := &Env{RowError: func(error) error { failed++; return nil }}
	for range 2 { // buffers are used again
		counts, out, err := p.Eval(env, in.Cols, in.Rows(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(counts) + " " + rowsText(c, out, out[0].Len()); got != "[3 0 0 0 3] 1; 2; 3; 1; 3; 5" {
			t.Error(got)
		}
	}
	if failed != 2 {
		t.Errorf("%d failing rows reported", failed)
	}
}

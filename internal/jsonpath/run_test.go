package jsonpath

import (
	"fmt"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TestRun has a case of each kind; the many are in internal/expr (testdata/jsonpath.txt), recorded from PostgreSQL.
func TestRun(t *testing.T) {
	for _, c := range []struct{ doc, path, want string }{
		{`{"a":[1,2,3]}`, `$.a[*] ? (@ > 1)`, "2 3"}, {`{"a":[1,2,3]}`, `strict $.a.b`, "error 2203A"}, {`{"a":[1,2,3]}`, `$.a.b`, ""},
		{`[1,[2,[3]]]`, `$.**{last}`, "1 2 3"}, {`{"a":1}`, `$.a + $x`, "42"}, {`{"a":1}`, `$y`, "error 42704"}, {`"x"`, `$ + 1`, "error 22038"},
		{`"2020-01-01T10:00:00+02"`, `$.datetime()`, `"2020-01-01T10:00:00+02:00"`}, {`"2020-01-01"`, `$.datetime().type()`, `"date"`},
		{`{"a":{"b":1},"c":{"d":[{"e":2}]}}`, `$.c.d[0].keyvalue().id`, "72"}, {`[1,null,"a"]`, `$[*] ? ((@ > 0) is unknown)`, `"a"`},
	} {
		p, err := types.ParsePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := types.ParseJSONText([]byte(c.doc))
		if err != nil {
			t.Fatal(err)
		}
		vars, _ := types.ParseJSONText([]byte(`{"x":41}`))
		found, err := Run(p, &v, Options{Vars: &vars})
		var got []string
		for _, it := range found {
			j := it.Value()
			got = append(got, string(j.AppendJSONB(nil)))
		}
		s := strings.Join(got, " ")
		if err != nil {
			s = "error " + pgerr.Code(err)
		}
		if s != c.want {
			t.Errorf("%s over %s = %s, want %s", c.path, c.doc, s, c.want)
		}
	}
}

func ExampleRun() {
	p, _ := types.ParsePath(`$.track.segments[*] ? (@.HR > 130).HR`)
	v, _ := types.ParseJSONText([]byte(`{"track": {"segments": [{"HR": 73}, {"HR": 135}]}}`))
	found, err := Run(p, &v, Options{})
	fmt.Println(len(found), found[0].JSON.Num, err)
	// Output: 1 135 <nil>
}

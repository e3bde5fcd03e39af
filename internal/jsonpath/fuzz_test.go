package jsonpath

import (
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// FuzzPath: a path runs over a document to its end, lax and silent or not; what it gives prints, and Exists agrees with it.
func FuzzPath(f *testing.F) {
	for _, s := range [][2]string{{`$.a[*] ? (@ > 1)`, `{"a":[1,2,3]}`}, {`strict $.**{1 to last}.type()`, `[[1,{"b":null}],"x"]`}, {`$.keyvalue().id + 1`, `{"a":1}`},
		{`$[last - 1 to last].double()`, `["1.5",2]`}, {`-$ ? (@ like_regex "a.*b" flag "iq")`, `"ab"`}, {`$.datetime() < "2020-01-01".datetime()`, `"2019-12-31"`},
		{`($.a == 1) is unknown || exists($.b ? (@ starts with $x))`, `{"a":[],"b":"c"}`}} {
		f.Add(s[0], s[1], true)
		f.Add(s[0], s[1], false)
	}
	f.Fuzz(func(t *testing.T, path, doc string, silent bool) {
		if len(path) > 200 || len(doc) > 500 {
			return
		}
		p, err := types.ParsePath(path)
		if err != nil {
			return
		}
		b, err := types.NormalizeJSONB([]byte(doc))
		if err != nil {
			return
		}
		v, err := types.ParseJSONText(b)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Silent: silent, UseTZ: true}
		found, err := Run(p, &v, o)
		if err != nil && pgerr.Code(err) == pgerr.InternalError {
			t.Errorf("%s over %s: %v", path, doc, err)
		}
		for _, it := range found {
			j := it.Value()
			if _, err := types.ParseJSONText(j.AppendJSONB(nil)); err != nil {
				t.Errorf("%s over %s gives %s: %v", path, doc, j.AppendJSONB(nil), err)
			}
		}
		yes, null, err2 := Exists(p, &v, o)
		if err == nil && err2 == nil && !null && !silent && yes != (len(found) > 0) {
			t.Errorf("%s over %s gives %d items, exists says %v", path, doc, len(found), yes)
		}
	})
}

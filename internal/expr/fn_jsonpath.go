package expr

import (
	"bytes"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/jsonpath"
	"streamsql/internal/types"
)

// jsonb_path_* and the operators @? and @@.

func init() {
	for _, tail := range []string{"", ", jsonb", ", jsonb, bool"} {
		for _, zoned := range []bool{false, true} {
			sig := func(name, result string) string {
				if zoned {
					return name + "_tz(jsonb, jsonpath" + tail + ") " + result + " stable"
				}
				return name + "(jsonb, jsonpath" + tail + ") " + result
			}
			def(sig("jsonb_path_exists", "bool"), "whether the path finds anything", `jsonb_path_exists('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 2)') => t`,
				pathRows(zoned, false, pathExists))
			def(sig("jsonb_path_match", "bool"), "what the path's predicate says", `jsonb_path_match('{"a":[1,2,3,4,5]}', 'exists($.a[*] ? (@ >= 2 && @ <= 4))') => t`,
				pathRows(zoned, false, pathMatch))
			def(sig("jsonb_path_query_array", "jsonb"), "an array of all that the path finds", `jsonb_path_query_array('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 2 && @ <= 4)') => [2, 3, 4]`,
				pathRows(zoned, false, pathArray))
			def(sig("jsonb_path_query_first", "jsonb"), "the first that the path finds", `jsonb_path_query_first('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 2)') => 2`,
				pathRows(zoned, false, pathFirst))
			defSet(sig("jsonb_path_query", "jsonb"), "", "all that the path finds", `jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 4)') => 4; 5`,
				pathSet(zoned))
		}
	}
	def("@?(jsonb, jsonpath) bool", "the path finds something", `'{"a":[1,2,3,4,5]}'::jsonb @? '$.a[*] ? (@ > 2)' => t`, pathRows(false, true, pathExists))
	def("@@(jsonb, jsonpath) bool", "the path's predicate is true", `'{"a":[1,2,3,4,5]}'::jsonb @@ '$.a[*] > 2' => t`, pathRows(false, true, pathMatch))
}

// pathCall keeps what a call of a path function needs from row to row: the path is read again only when it changes.
type pathCall struct {
	path  *types.Path
	text  []byte
	opt   jsonpath.Options
	vars  types.JSONValue
	zoned bool
}

// prepare reads the arguments: document, path, variables, silent.
func (c *pathCall) prepare(r *row, a []types.Value) (doc *types.JSONValue, err error) {
	if c.path == nil || !bytes.Equal(c.text, a[1].Bytes) {
		if c.path, err = types.ParsePath(string(a[1].Bytes)); err != nil {
			return nil, err
		}
		c.text = append(c.text[:0], a[1].Bytes...)
	}
	c.opt.Format, c.opt.UseTZ, c.opt.Template = r.format(), c.zoned, pathTemplate
	if len(a) > 2 {
		if c.vars, err = types.ParseJSONText(a[2].Bytes); err != nil {
			return nil, err
		}
		if c.opt.Vars = &c.vars; c.vars.Kind != types.JSONObject {
			return nil, invalidJSON("\"vars\" argument is not an object")
		}
	}
	if len(a) > 3 {
		c.opt.Silent = a[3].B
	}
	v, err := types.ParseJSONText(a[0].Bytes)
	return &v, err
}

// pathRows makes the kernel of a path function.
func pathRows(zoned, silent bool, fn func(c *pathCall, doc *types.JSONValue) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		c := pathCall{zoned: zoned}
		c.opt.Silent = silent
		return func(r *row, a []types.Value) (types.Value, error) {
			doc, err := c.prepare(r, a)
			if err != nil {
				return types.Null, err
			}
			return fn(&c, doc)
		}, nil
	})
}

func pathSet(zoned bool) func(*SetCall) (setRows, error) {
	return func(*SetCall) (setRows, error) {
		c := pathCall{zoned: zoned}
		return func(r *row, a []types.Value, out []batch.Appender) (int, error) {
			doc, err := c.prepare(r, a)
			if err != nil {
				return 0, err
			}
			found, err := jsonpath.Run(c.path, doc, c.opt)
			if err != nil {
				return 0, err
			}
			for _, it := range found {
				v := it.Value()
				out[0].EndBytes(v.AppendJSONB(out[0].Room()))
			}
			return len(found), nil
		}, nil
	}
}

func truthValue(yes, null bool, err error) (types.Value, error) {
	if err != nil || null {
		return types.Null, err
	}
	return types.BoolValue(yes), nil
}

func pathExists(c *pathCall, doc *types.JSONValue) (types.Value, error) {
	return truthValue(jsonpath.Exists(c.path, doc, c.opt))
}

func pathMatch(c *pathCall, doc *types.JSONValue) (types.Value, error) {
	return truthValue(jsonpath.Match(c.path, doc, c.opt))
}

func pathArray(c *pathCall, doc *types.JSONValue) (types.Value, error) {
	found, err := jsonpath.Run(c.path, doc, c.opt)
	if err != nil {
		return types.Null, err
	}
	all := types.JSONValue{Kind: types.JSONArray}
	for _, it := range found {
		all.Elems = append(all.Elems, it.Value())
	}
	return types.BytesValue(all.AppendJSONB(nil)), nil
}

func pathFirst(c *pathCall, doc *types.JSONValue) (types.Value, error) {
	found, err := jsonpath.Run(c.path, doc, c.opt)
	if err != nil || len(found) == 0 {
		return types.Null, err
	}
	v := found[0].Value()
	return types.BytesValue(v.AppendJSONB(nil)), nil
}

// pathTemplate reads text by a template for .datetime(): which fields the template has decides the type.
func pathTemplate(text, template string) (m jsonpath.Moment, err error) {
	nodes, err := timeGrammar.parse(template, nil)
	if err != nil {
		return m, err
	}
	var dated, timed, zoned bool
	for _, n := range nodes {
		switch n.key {
		case "", "FX":
		case "TZH", "TZM", "TZ", "OF":
			zoned = true
		case "HH24", "HH12", "HH", "MI", "SS", "SSSS", "SSSSS", "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "AM", "PM", "A.M.", "P.M.":
			timed = true
		default:
			dated = true
		}
	}
	if r, err := readTime(text, template); err == nil && strings.TrimSpace(r.in[r.at:]) != "" {
		return m, badTime("trailing characters remain in input string after datetime format")
	}
	c, err := readCalendar(text, template)
	if err != nil {
		return m, err
	}
	switch {
	case zoned && !c.zoned:
		return m, badTime("missing time zone in input string for type timestamptz")
	case zoned && !timed && dated:
		return m, badTime("datetime format is zoned but not timed")
	}
	days, ok := c.days()
	if !ok {
		return m, errDateRange
	}
	m.East = c.offset
	micros := (int64(c.hour)*3600+int64(c.minute)*60+int64(c.second))*1e6 + int64(c.micros)
	m, ok = m.At(days, micros, dated, timed, zoned)
	if !ok {
		return m, errTimestampRange
	}
	return m, nil
}

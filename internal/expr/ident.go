package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// parse_ident: a qualified name taken apart.

func init() {
	def("parse_ident(text, bool) text[]", "the parts of a qualified name; strict refuses what follows it", `parse_ident('foo bar', false) => {foo}`,
		rows(func(_ *row, a []types.Value) (types.Value, error) { return parseIdent(string(a[0].Bytes), a[1].B) }))
	def("parse_ident(text) text[]", "the parts of a qualified name", `parse_ident('"SomeSchema".someTable') => {SomeSchema,sometable}`,
		rows(func(_ *row, a []types.Value) (types.Value, error) { return parseIdent(string(a[0].Bytes), true) }))
}

func parseIdent(s string, strict bool) (types.Value, error) {
	bad := func(detail string) error {
		err := pgerr.New(pgerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", s)
		if detail != "" {
			return err.WithDetail("%s", detail)
		}
		return err
	}
	const blanks = " \t\n\v\f\r"
	var vals []types.Value
	rest, afterDot := strings.TrimLeft(s, blanks), false
	for {
		var part string
		switch {
		case strings.HasPrefix(rest, `"`):
			end := 1
			for ; end < len(rest); end++ {
				if rest[end] != '"' {
					continue
				}
				if !strings.HasPrefix(rest[end+1:], `"`) {
					break
				}
				end++
			}
			if end >= len(rest) {
				return types.Null, bad("String has unclosed double quotes.")
			}
			if part = strings.ReplaceAll(rest[1:end], `""`, `"`); part == "" {
				return types.Null, bad("Quoted identifier must not be empty.")
			}
			rest = rest[end+1:]
		case rest != "" && identByte(rest[0], true):
			n := 1
			for n < len(rest) && identByte(rest[n], false) {
				n++
			}
			part, rest = lowerASCII(rest[:n]), rest[n:]
		case afterDot:
			return types.Null, bad("No valid identifier after \".\".")
		case strings.HasPrefix(rest, "."):
			return types.Null, bad("No valid identifier before \".\".")
		default:
			return types.Null, bad("")
		}
		vals = append(vals, types.TextValue(part))
		rest = strings.TrimLeft(rest, blanks)
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest, afterDot = strings.TrimLeft(rest[1:], blanks), true
	}
	if rest != "" && strict {
		return types.Null, bad("")
	}
	return types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, vals)), nil
}

func identByte(c byte, first bool) bool {
	up := upperByte(c)
	return up >= 'A' && up <= 'Z' || c == '_' || c >= 0x80 || !first && (c >= '0' && c <= '9' || c == '$')
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

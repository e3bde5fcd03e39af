package expr

import (
	"bytes"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of URLs. A part that a URL does not have is NULL; what is no URL is an error.

func init() {
	for _, f := range []struct {
		name, doc, ex string
		part          uriPart
	}{
		{"url_extract_protocol", "the protocol of a URL", "url_extract_protocol('http://www.test.com/?query#fragment') => http", uriScheme},
		{"url_extract_host", "the host of a URL", "url_extract_host('http://test@confluent.io:8080/nested/path') => confluent.io", uriHost},
		{"url_extract_path", "the path of a URL, its escapes resolved", "url_extract_path('http://confluent.io/a%20path?query') => /a path", uriPath},
		{"url_extract_query", "the query of a URL, its escapes resolved", "url_extract_query('http://confluent.io/path?q=2&x') => q=2&x", uriQuery},
		{"url_extract_fragment", "the fragment of a URL, its escapes resolved", "url_extract_fragment('http://confluent.io/#frag') => frag", uriFragment},
	} {
		defKSQL(f.name+"(text) text", f.doc, f.ex, rows(func(r *row, a []types.Value) (types.Value, error) {
			u, err := uriOf(a[0].Bytes)
			if err != nil {
				return types.Null, err
			}
			if !u.has[f.part] {
				return types.Null, nil
			}
			r.buf = unescapeURI(r.buf[:0], u.parts[f.part])
			return types.Value{Bytes: r.buf}, nil
		}))
	}
	defKSQL("url_extract_port(text) int4", "the port of a URL", "url_extract_port('http://confluent.io:8080/path') => 8080", rows(func(_ *row, a []types.Value) (types.Value, error) {
		u, err := uriOf(a[0].Bytes)
		if err != nil || u.port < 0 {
			return types.Null, err
		}
		return types.IntValue(int64(u.port)), nil
	}))
	defKSQL("url_extract_parameter(text, text) text", "the value of a parameter of a URL's query; empty for one without", "url_extract_parameter('http://test.com?a%20b=c%20d', 'a b') => c d", rows(urlParameter))
	defKSQL("url_encode_param(text) text", "a text as a parameter of a URL", "url_encode_param('?foo $bar') => %3Ffoo+%24bar", rows(func(r *row, a []types.Value) (types.Value, error) {
		r.buf = r.buf[:0]
		for _, c := range a[0].Bytes {
			switch {
			case isAlphaNum(c) || strings.IndexByte("-_.*", c) >= 0:
				r.buf = append(r.buf, c)
			case c == ' ':
				r.buf = append(r.buf, '+')
			default:
				r.buf = append(r.buf, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			}
		}
		return types.Value{Bytes: r.buf}, nil
	}))
	defKSQL("url_decode_param(text) text", "the text that a parameter of a URL stands for", "url_decode_param('%3Ffoo+%24bar') => ?foo $bar", rows(func(r *row, a []types.Value) (types.Value, error) {
		b := a[0].Bytes
		for i, c := range b {
			if c == '%' && (i+2 >= len(b) || !isHexDigit(b[i+1]) || !isHexDigit(b[i+2])) {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "illegal or incomplete escape in \"%s\"", b)
			}
		}
		if bytes.IndexByte(b, '+') >= 0 {
			b = bytes.ReplaceAll(b, []byte("+"), []byte(" "))
		}
		r.buf = unescapeURI(r.buf[:0], b)
		return types.Value{Bytes: r.buf}, nil
	}))
}

func urlParameter(r *row, a []types.Value) (types.Value, error) {
	u, err := uriOf(a[0].Bytes)
	if err != nil || !u.has[uriQuery] {
		return types.Null, err
	}
	for param := range strings.SplitSeq(string(unescapeURI(nil, u.parts[uriQuery])), "&") {
		if name, value, _ := strings.Cut(param, "="); name == string(a[1].Bytes) {
			return r.text(value), nil
		}
	}
	return types.Null, nil
}

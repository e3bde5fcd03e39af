package regex

import (
	"fmt"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
)

// What matches is tested against PostgreSQL in internal/expr (testdata/regex.txt); here is what only this package shows.

func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"(": errParen, ")": errParen, "[a": errBracket, "a{1": errBrace, "a{2,1}": errBound, "a{256}": errBound, "[b-a]": errRange, "*": errRepeat,
		"a**": errRepeat, `\`: errEscape, `\q`: errEscape, "[[:x:]]": errClass, `\1`: errBackref, "[[.xx.]]": errCollating, "(?z)": errOption,
		"***x": errRepeat, "((a{255}){255}){255}": errTooBig, strings.Repeat("(", 1001) + strings.Repeat(")", 1001): errTooBig,
	} {
		_, err := Compile(pattern, 0)
		if pgerr.Code(err) != pgerr.InvalidRegularExpression || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", pattern, err, want)
		}
	}
}

// TestBound: nested quantifiers and back references end, with an answer or with 2201B.
func TestBound(t *testing.T) {
	text := []byte(strings.Repeat("a", 400) + "c")
	for _, pattern := range []string{"(a*)*b", "((a+)+)+b", `(a*)(a*)(a*)\1\2b`, `(?:a|aa|aaa)*(?=b)`, `(?<=(?:a*)*)b`} {
		re, err := Compile(pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := re.Find(text, 0); m != nil || err != nil && pgerr.Code(err) != pgerr.InvalidRegularExpression {
			t.Errorf("%s: %v, %v", pattern, m, err)
		}
	}
}

func TestEach(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"a*", "baac", "0-0 1-3 3-3 4-4"}, {"", "é", "0-0 2-2"}, {`\ma`, "a ab ba", "0-1 2-3"}, {"^a", "aaa", "0-1"}, {"(?<=a)a", "aaa", "1-2 2-3"},
	} {
		re, err := Compile(c.pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = re.Each([]byte(c.text), 0, func(m []int) bool {
			got = append(got, fmt.Sprintf("%d-%d", m[0], m[1]))
			return true
		})
		if s := strings.Join(got, " "); s != c.want || err != nil {
			t.Errorf("%s in %s: %s, %v, want %s", c.pattern, c.text, s, err, c.want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	text := []byte(strings.Repeat("lorem ipsum dolor ", 20) + "key=42;")
	for _, pattern := range []string{`key=\d+`, `(\w+)=(\d+);`, `\mkey\M`, `(k)ey=(\d)\d`, `(?<==)\d+`} {
		re, err := Compile(pattern, 0)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(pattern, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for range b.N {
				if m, err := re.Find(text, 0); m == nil || err != nil {
					b.Fatal(m, err)
				}
			}
		})
	}
}

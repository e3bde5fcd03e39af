package regex

import (
	"slices"
	"testing"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// FuzzRegex: a pattern is refused with 2201B or matches within the bound of steps; groups lie within the match; and where
// Go's regexp is asked first, the simulation gives the same match.
func FuzzRegex(f *testing.F) {
	for _, s := range [][2]string{{"(a|ab)(c|bcd)(d*)", "abcd"}, {"(a+?)(b*)", "aabb"}, {`(.+)\1`, "abcabc"}, {`(?<=a)b(?!c)`, "abab"},
		{`\m\w+\M`, "foo bar"}, {"((a)|b|)*c{2,3}?", "ababcc"}, {`[[:alpha:]\d_-]+`, "a1_-"}, {"(?i)***=x", "***=X"}, {"^$", ""},
		{"(((a*)*)*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"}, {"(x?){60}", "xxxx"}, {`(?n)^a$`, "b\na\nc"}, {"é+", "éÉé"}} {
		f.Add(s[0], s[1], uint16(0))
		f.Add(s[0], s[1], uint16(IgnoreCase|NewlineStop))
		f.Add(s[0], s[1], uint16(Basic))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, flags uint16) {
		if len(pattern) > 200 || len(text) > 400 || !utf8.ValidString(text) {
			return
		}
		re, err := Compile(pattern, Flags(flags)&127)
		if err != nil {
			if pgerr.Code(err) != pgerr.InvalidRegularExpression {
				t.Errorf("%q: %v", pattern, err)
			}
			return
		}
		m, err := re.Find([]byte(text), 0)
		if err != nil {
			if pgerr.Code(err) != pgerr.InvalidRegularExpression {
				t.Errorf("%q in %q: %v", pattern, text, err)
			}
			return
		}
		m = slices.Clone(m)
		for i := 0; i+1 < len(m); i += 2 {
			if (m[i] < 0) != (m[i+1] < 0) || m[i] >= 0 && (m[i] > m[i+1] || m[i+1] > len(text)) {
				t.Errorf("%q in %q gives %v", pattern, text, m)
			}
		}
		if re.fast == nil {
			return
		}
		re.fast = nil
		slow, err := re.Find([]byte(text), 0)
		if err == nil && !slices.Equal(m, slow[:min(len(m), len(slow))]) {
			t.Errorf("%q in %q gives %v, simulated %v", pattern, text, m, slow)
		}
	})
}

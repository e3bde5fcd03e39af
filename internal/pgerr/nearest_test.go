package pgerr

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"length", "lower", "left", "substring", "sum"}
	for name, want := range map[string]string{"lenght": "length", "lenth": "length", "suum": "sum", "substr": "substring", "substrings": "substring", "x": "", "": "", "lowr": "lower"} {
		if got := Nearest(name, slices.Values(names)); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}} {
		if got := EditDistance(c.a, c.b); got != c.want {
			t.Errorf("EditDistance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

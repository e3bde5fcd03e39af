package wire

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

// TestCopyFieldAsPostgreSQL: what PostgreSQL 15 writes for COPY (VALUES (…)) TO STDOUT of one column beside another.
func TestCopyFieldAsPostgreSQL(t *testing.T) {
	text := session.CopyOptions{}
	csv := session.CopyOptions{Format: "csv"}
	csvNull := session.CopyOptions{Format: "csv", Delimiter: ';', Null: "NULL", Quote: '\''}
	for _, tc := range []struct {
		opts        session.CopyOptions
		value, want string
	}{
		{text, "a\tb\\c\nd\re\bf\fg\vh\x01i", `a\tb\\c\nd\re\bf\fg\vh` + "\x01i"},
		{text, "", ""},
		{text, `\N`, `\\N`},
		{csv, `a"b`, `"a""b"`},
		{csv, "a,b", `"a,b"`},
		{csv, "a\nb", "\"a\nb\""},
		{csv, "", `""`},
		{csv, " a\t", " a\t"},
		{csv, `\.`, `\.`},
		{csvNull, "NULL", "'NULL'"},
		{csvNull, "a;b'c", "'a;b''c'"},
		{csvNull, "", ""},
		{csvNull, `x"y,`, `x"y,`},
	} {
		opts := withCopyDefaults(tc.opts)
		if got := string(appendCopyField(nil, &opts, []byte(tc.value), false)); got != tc.want {
			t.Errorf("%s %q is written %q, want %q", opts.Format, tc.value, got, tc.want)
		}
	}
	opts := withCopyDefaults(csv)
	if got := string(appendCopyField(nil, &opts, []byte(`\.`), true)); got != `"\."` {
		t.Errorf("the end marker alone is written %q", got)
	}
}

func copyColumns(n int) []session.Column {
	var cols []session.Column
	for i := range n {
		cols = append(cols, wiretest.Col(fmt.Sprint("c", i), types.Text))
	}
	return cols
}

// readCopy feeds data in pieces of the given size and prints the rows.
func readCopy(opts session.CopyOptions, columns, piece int, data string) (string, error) {
	var got []string
	p := newCopyReader(withCopyDefaults(opts), copyColumns(columns), func(fields [][]byte) error {
		row := []string{}
		for _, f := range fields {
			if f == nil {
				row = append(row, "NULL")
			} else {
				row = append(row, fmt.Sprintf("%q", f))
			}
		}
		got = append(got, strings.Join(row, " "))
		return nil
	})
	for data != "" {
		n := min(piece, len(data))
		if err := p.feed([]byte(data[:n])); err != nil {
			return "", err
		}
		data = data[n:]
	}
	err := p.finish()
	return strings.Join(got, "|"), err
}

func TestCopyReader(t *testing.T) {
	csv := session.CopyOptions{Format: "csv"}
	for _, tc := range []struct {
		opts       session.CopyOptions
		data, want string
		code       string
	}{
		{session.CopyOptions{}, "a\tb\n\t\\N\n", `"a" "b"|"" NULL`, ""},
		{session.CopyOptions{}, "a\tb\r\nc\td\r\n", `"a" "b"|"c" "d"`, ""},
		{session.CopyOptions{}, "a\tb", `"a" "b"`, ""},
		{session.CopyOptions{}, "a\tb\n\\.\nc\n", `"a" "b"`, ""},
		{session.CopyOptions{}, "\\b\\f\\n\\r\\t\\v\\\\\t\\101\\x4a\\x4\\q\\8\n", `"\b\f\n\r\t\v\\" "AJ\x04q8"`, ""},
		{session.CopyOptions{}, "a\\\nb\t\\\tc\n", `"a\nb" "\tc"`, ""},
		{session.CopyOptions{Delimiter: '|', Null: "nix"}, "a|nix\n\\nix|b\n", `"a" NULL|"\nix" "b"`, ""},
		{session.CopyOptions{Header: true}, "x\ty\na\tb\n", `"a" "b"`, ""},
		{session.CopyOptions{}, "a\n", "", pgerr.BadCopyFileFormat},
		{session.CopyOptions{}, "a\tb\tc\n", "", pgerr.BadCopyFileFormat},
		{session.CopyOptions{}, "a\tb\rc\n", "", pgerr.BadCopyFileFormat},
		{session.CopyOptions{}, "a\t\xff\n", "", pgerr.CharacterNotInRepertoire},
		{session.CopyOptions{}, "a\t\\xff\n", "", pgerr.CharacterNotInRepertoire},
		{session.CopyOptions{}, "a\t\\000\n", "", pgerr.CharacterNotInRepertoire},
		{csv, "a,b\n,\"\"\n", `"a" "b"|NULL ""`, ""},
		{csv, "\"a\nb\",\"c\"\"d\"\n", `"a\nb" "c\"d"`, ""},
		{csv, "x\"y,z\"w,\" \"\n", `"xy,zw" " "`, ""},
		{csv, "a,\"b\r\n\"\r\nc,d\r\n", `"a" "b\r\n"|"c" "d"`, ""},
		{csv, "a,b\n\\.\nz\n", `"a" "b"`, ""},
		{csv, "a,\"b\n", "", pgerr.BadCopyFileFormat},
	} {
		for _, piece := range []int{1, 2, 3, 1000} {
			got, err := readCopy(tc.opts, 2, piece, tc.data)
			if pgerr.Code(err) != tc.code {
				t.Errorf("%q in pieces of %d: error %v, want %q", tc.data, piece, err, tc.code)
			} else if err == nil && got != tc.want {
				t.Errorf("%q in pieces of %d: %s, want %s", tc.data, piece, got, tc.want)
			}
		}
	}
}

// TestCopyRoundTrip writes random values and reads them back.
func TestCopyRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "\\", "\n", "\r", "\t", ",", "\"", "N", ".", "é", "\x01", ""}
	for _, format := range []string{"text", "csv"} {
		opts := withCopyDefaults(session.CopyOptions{Format: format})
		for range 3000 {
			columns := 1 + rng.IntN(3)
			var line []byte
			var want []string
			for k := range columns {
				v := ""
				for range rng.IntN(5) {
					v += alphabet[rng.IntN(len(alphabet))]
				}
				if k > 0 {
					line = append(line, opts.Delimiter)
				}
				line = appendCopyField(line, &opts, []byte(v), columns == 1)
				want = append(want, fmt.Sprintf("%q", v))
			}
			got, err := readCopy(opts, columns, 1+rng.IntN(5), string(line)+"\n")
			if err != nil || got != strings.Join(want, " ") {
				t.Fatalf("%s %s came back as %s (%v), written %q", format, want, got, err, line)
			}
		}
	}
}

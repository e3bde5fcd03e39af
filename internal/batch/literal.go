package batch

import (
	"fmt"
	"strconv"
	"strings"

	"streamsql/internal/types"
)

// Parse reads a batch literal: a line a change, its weight with a sign, then the values in PostgreSQL's text form. A value
// stands bare, or between single quotes (doubled within, \n and \\ escaped) when it is empty, has white space or quotes, or reads NULL.
// Blank lines and lines that begin with # are skipped.
//
//	+1 7 a
//	-1 NULL 'b c'
func Parse(ts []types.Type, text string) (*Batch, error) {
	b := NewBuilder(ts)
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := parseLine(b, ts, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return b.Seal(), nil
}

func parseLine(b *Builder, ts []types.Type, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	weight, err := strconv.ParseInt(word, 10, 64)
	if err != nil || word[0] != '+' && word[0] != '-' {
		return fmt.Errorf("want a weight like +1, have %q", word)
	}
	vals := make([]types.Value, len(ts))
	for i, t := range ts {
		var word string
		var quoted bool
		if word, quoted, rest, err = cutWord(rest); err != nil {
			return err
		}
		if word == "" && !quoted {
			return fmt.Errorf("%d values for %d columns", i, len(ts))
		}
		if word == "NULL" && !quoted {
			vals[i] = types.Null
		} else if vals[i], err = types.ParseText(t, word, nil); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		return fmt.Errorf("more than %d values: %q", len(ts), rest)
	}
	b.Append(weight, vals)
	return nil
}

// cutWord takes the first word or quoted string off s.
func cutWord(s string) (word string, quoted bool, rest string, err error) {
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, "'") {
		if i := strings.IndexAny(s, " \t"); i >= 0 {
			return s[:i], false, s[i:], nil
		}
		return s, false, "", nil
	}
	var sb strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			if s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == '\\') {
				i++
				sb.WriteByte(map[byte]byte{'n': '\n', '\\': '\\'}[s[i]])
				continue
			}
			sb.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			sb.WriteByte('\'')
			i++
			continue
		}
		return sb.String(), true, s[i+1:], nil
	}
	return "", false, "", fmt.Errorf("no closing quote: %q", s)
}

// Format returns b as a literal that Parse reads, a line a change in the order of the batch.
func (b *Batch) Format(ts []types.Type) string {
	var out, val []byte
	for i, w := range b.Weights {
		if w >= 0 {
			out = append(out, '+')
		}
		out = strconv.AppendInt(out, w, 10)
		for c, t := range ts {
			out = append(out, ' ')
			if b.Cols[c] == nil || b.Cols[c].NullMap().Has(i) {
				out = append(out, "NULL"...)
				continue
			}
			val = types.AppendText(val[:0], t, ValueAt(b.Cols[c], i), nil)
			out = appendWord(out, string(val))
		}
		out = append(out, '\n')
	}
	return string(out)
}

var wordEscapes = strings.NewReplacer("'", "''", "\n", `\n`, `\`, `\\`)

func appendWord(dst []byte, s string) []byte {
	if s != "" && s != "NULL" && !strings.ContainsAny(s, " \t\r\n'\v\f") && s == strings.TrimSpace(s) {
		return append(dst, s...)
	}
	dst = append(dst, '\'')
	dst = append(dst, wordEscapes.Replace(s)...)
	return append(dst, '\'')
}

package token

// Span is one statement of a text: bytes Start to End, white space, comments around it and the semicolon left out.
type Span struct {
	Start, End int
	Terminated bool // a semicolon follows
}

// Split cuts a text at its semicolons; those inside strings, quoted names, comments and parentheses do not count. Empty
// statements are left out. An interactive client sends the terminated ones and keeps the rest; an error (an open
// string or comment, say) means that more text must come.
func Split(text string) ([]Span, error) {
	toks, err := LexKSQL(text, nil) // it reads whatever Lex reads, and cuts it at the same places
	if err != nil {
		return nil, err
	}
	var out []Span
	depth, first := 0, 0
	for i := range toks {
		t := &toks[i]
		switch {
		case t.IsPunct("("):
			depth++
		case t.IsPunct(")"):
			depth = max(depth-1, 0)
		}
		semicolon := t.IsPunct(";") && depth == 0
		if !semicolon && t.Kind != EOF {
			continue
		}
		if i > first {
			out = append(out, Span{Start: toks[first].Pos, End: toks[i-1].End, Terminated: semicolon})
		}
		first = i + 1
	}
	return out, nil
}

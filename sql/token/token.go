package token

// Kind is the kind of a token.
type Kind uint8

// The kinds.
const (
	EOF    Kind = iota
	Word        // an unquoted name or keyword
	Quoted      // a quoted name
	String      // a string of any notation
	Number      // an unsigned number
	Param       // $n
	Op          // an operator
	Punct       // one of ( ) [ ] { } , ; : . or :: := .. or an unknown ${name}
	Bits        // B'01' or X'1F'
)

// Token is one token of a text.
type Token struct {
	Kind     Kind
	Class    Class  // of a Word: its keyword class
	Bare     bool   // of a Word: it may be a column label without AS
	Text     string // Word: in lower case; Quoted and String: decoded; Number: decimal without underscores; Bits: b01 or x1F; Param: the digits; Op: "!=" is "<>"
	Pos, End int    // byte offsets
}

// Is reports whether t is the unquoted word w (lower case).
func (t *Token) Is(w string) bool { return t.Kind == Word && t.Text == w }

// IsPunct reports whether t is the punctuation s.
func (t *Token) IsPunct(s string) bool { return t.Kind == Punct && t.Text == s }

// IsOp reports whether t is the operator s.
func (t *Token) IsOp(s string) bool { return t.Kind == Op && t.Text == s }

// IsLabel reports whether t can stand where any word can: after a dot or after AS.
func (t *Token) IsLabel() bool { return t.Kind == Word || t.Kind == Quoted }

// IsName reports whether t can name a table, a column or an alias.
func (t *Token) IsName() bool {
	return t.Kind == Quoted || t.Kind == Word && (t.Class <= ColumnName)
}

// IsFuncName reports whether t can name a function or a type.
func (t *Token) IsFuncName() bool {
	return t.Kind == Quoted || t.Kind == Word && t.Class != Reserved
}

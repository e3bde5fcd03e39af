package ast

// Pos is a byte offset in the statement's text.
type Pos int

// Start returns the node's offset; embedding Pos makes a type a node.
func (p Pos) Start() Pos { return p }

// Node is any syntax tree node.
type Node interface{ Start() Pos }

// Expr is a scalar expression.
type Expr interface {
	Node
	expr()
}

// Name is a dotted name, folded: {"pg_catalog", "pg_class"}.
type Name struct {
	Pos
	Parts []string
}

// Last returns the name without its qualifiers.
func (n Name) Last() string { return n.Parts[len(n.Parts)-1] }

// TypeName is a type as written: Name "numeric", Mods {10, 2}, Dims 1 for numeric(10,2)[]. The names of several words
// are one word: "double precision", "timestamp with time zone", "character varying", "interval day to second". An
// unquoted char is "character"; PostgreSQL's type that is written "char", with quotes, keeps them in its name here.
type TypeName struct {
	Pos
	Name   []string    // qualifiers included
	Mods   []int       // numbers in parentheses
	Dims   int         // number of [] pairs
	Args   []*TypeName // ARRAY<t>, MAP<k,v>
	Fields []TypeField // STRUCT<a t, …>
}

// TypeField is one field of a STRUCT type.
type TypeField struct {
	Name string
	Type *TypeName
}

// LitKind is the form a literal was written in.
type LitKind uint8

// The literal forms.
const (
	LitNull LitKind = iota
	LitBool
	LitNumber  // Text: the digits as written, without underscores; hex/octal/binary as decimal
	LitString  // Text: decoded
	LitBits    // Text: b101 or x1F
	LitDefault // DEFAULT in VALUES or SET
)

// The expressions.
type (
	// Lit is a literal.
	Lit struct {
		Pos
		Kind LitKind
		Text string
		Bool bool
	}
	// TypedLit is type 'text', INTERVAL '1' DAY (Text then holds "1 day").
	TypedLit struct {
		Pos
		Type *TypeName
		Text string
	}
	// Param is $n, counted from 1.
	Param struct {
		Pos
		N int
	}
	// Ref is a column reference, possibly qualified; the binder decides what is table, column or field.
	Ref struct {
		Pos
		Parts []string
	}
	// Star is *, t.* or (expr).*, with Except the columns of * EXCEPT (…). A name t.c in that list is in ExceptOf, behind those of Except.
	Star struct {
		Pos
		Table    []string
		Of       Expr // (expr).*, or nil
		Except   []string
		ExceptOf []Name
	}
	// Unary is +, -, ~, NOT or a PostgreSQL prefix operator. Op is lower case.
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Binary is any infix operator: arithmetic, comparison, "and", "or", "||", "->", "~", "like", "ilike",
	// "similar to", "is distinct from", "is not distinct from" and every other operator's spelling. "!=" is "<>";
	// OPERATOR(s.+) of a schema other than pg_catalog is "operator(s.+)".
	// OpPos is the operator's own offset (PostgreSQL's "operator does not exist" points there).
	Binary struct {
		Pos
		Op     string
		OpPos  Pos
		L, R   Expr
		Not    bool // NOT LIKE, NOT SIMILAR TO
		Escape Expr // LIKE … ESCAPE, or nil
	}
	// Is is IS [NOT] NULL, TRUE, FALSE, UNKNOWN (What is lower case).
	Is struct {
		Pos
		X    Expr
		What string
		Not  bool
	}
	// Between is [NOT] BETWEEN [SYMMETRIC].
	Between struct {
		Pos
		X, Lo, Hi      Expr
		Not, Symmetric bool
	}
	// In is [NOT] IN (list) or IN (query).
	In struct {
		Pos
		X     Expr
		List  []Expr
		Query Query // or nil
		Not   bool
	}
	// Quantified is x op ANY|ALL (array or query); Op as in Binary, with "not " before it for NOT LIKE ANY.
	Quantified struct {
		Pos
		Op    string
		All   bool
		X     Expr
		Array Expr  // or nil
		Query Query // or nil
	}
	// Case is CASE [Operand] WHEN … THEN … [ELSE] END.
	Case struct {
		Pos
		Operand Expr // or nil
		Whens   []When
		Else    Expr // or nil
	}
	// Call is a function call: f([DISTINCT] args [ORDER BY …]) [WITHIN GROUP] [FILTER] [OVER].
	// SQL-standard forms arrive as calls by PostgreSQL's function names: EXTRACT → extract('year', x),
	// TRIM → btrim/ltrim/rtrim, SUBSTRING FROM FOR → substring, POSITION → position, OVERLAY → overlay,
	// CURRENT_DATE etc. → a Call with Keyword set and no arguments, AT TIME ZONE → timezone(zone, x).
	Call struct {
		Pos
		Name        Name
		Args        []Expr
		Star        bool // f(*)
		Distinct    bool
		Variadic    bool
		OrderBy     []OrderItem
		WithinGroup []OrderItem
		Filter      Expr
		Over        *WindowSpec // or nil
		Nulls       string      // "", "ignore", "respect"
		Keyword     bool        // written without parentheses
	}
	// Named is an argument name => value or name := value.
	Named struct {
		Pos
		Name string
		X    Expr
	}
	// Lambda is x => body or (x, y) => body.
	Lambda struct {
		Pos
		Params []string
		Body   Expr
	}
	// Cast is CAST(x AS t), x::t or TRY_CAST.
	Cast struct {
		Pos
		X    Expr
		Type *TypeName
		Try  bool
	}
	// Collate is x COLLATE name.
	Collate struct {
		Pos
		X    Expr
		Name Name
	}
	// ArrayLit is ARRAY[…]; elements of an inner dimension are ArrayLits themselves.
	ArrayLit struct {
		Pos
		Elems []Expr
	}
	// RowLit is ROW(…) or (a, b); StructLit names the fields: STRUCT(a := 1); MapLit is MAP('k' := v).
	RowLit struct {
		Pos
		Elems []Expr
	}
	StructLit struct {
		Pos
		Fields []Named
	}
	MapLit struct {
		Pos
		Keys, Values []Expr
	}
	// Subscript is x[i], or x[lo:hi] with Slice set (bounds may be nil).
	Subscript struct {
		Pos
		X, Lo, Hi Expr
		Slice     bool
	}
	// FieldSel is (x).name, or x->name with Arrow set.
	FieldSel struct {
		Pos
		X     Expr
		Name  string
		Arrow bool
	}
	// Subquery is a scalar subquery; Exists is [NOT] EXISTS (…); ArrayQuery is ARRAY(SELECT …).
	Subquery struct {
		Pos
		Query Query
	}
	Exists struct {
		Pos
		Query Query
		Not   bool
	}
	ArrayQuery struct {
		Pos
		Query Query
	}
	// GroupingSets is GROUPING SETS, ROLLUP or CUBE (Kind lower case) as an item of GROUP BY, or, as its only one, Kind
	// "distinct" for GROUP BY DISTINCT with the items as Sets of one element; a set is a list of
	// expressions, and nested grouping items are elements too.
	GroupingSets struct {
		Pos
		Kind string
		Sets [][]Expr
	}
)

// When is one arm of a CASE.
type When struct{ Cond, Result Expr }

// OrderItem is one ORDER BY item. Desc NULLs come first by default, others last.
type OrderItem struct {
	Pos
	X          Expr
	Desc       bool
	NullsFirst *bool // nil = the default of the direction
}

// WindowSpec is OVER name or OVER (…).
type WindowSpec struct {
	Pos
	Name        string // OVER name, or the base window inside the parentheses
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame
}

// Frame is a window frame: Mode "rows", "range" or "groups"; Exclude "", "current row", "group", "ties", "no others".
type Frame struct {
	Pos
	Mode       string
	Start, End FrameBound
	Exclude    string
}

// FrameBound is one end of a frame: Kind "unbounded preceding", "preceding", "current row", "following" or
// "unbounded following"; X is the offset of "preceding" and "following".
type FrameBound struct {
	Kind string
	X    Expr
}

func (*Lit) expr()          {}
func (*TypedLit) expr()     {}
func (*Param) expr()        {}
func (*Ref) expr()          {}
func (*Star) expr()         {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*Is) expr()           {}
func (*Between) expr()      {}
func (*In) expr()           {}
func (*Quantified) expr()   {}
func (*Case) expr()         {}
func (*Call) expr()         {}
func (*Named) expr()        {}
func (*Lambda) expr()       {}
func (*Cast) expr()         {}
func (*Collate) expr()      {}
func (*ArrayLit) expr()     {}
func (*RowLit) expr()       {}
func (*StructLit) expr()    {}
func (*MapLit) expr()       {}
func (*Subscript) expr()    {}
func (*FieldSel) expr()     {}
func (*Subquery) expr()     {}
func (*Exists) expr()       {}
func (*ArrayQuery) expr()   {}
func (*GroupingSets) expr() {}

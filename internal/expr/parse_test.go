package expr

import (
	"fmt"
	"strings"
	"testing"

	"streamsql/internal/types"
)

// parser reads the small expression language of the tests: literals, x::type, f(args), infix operators, all of one
// precedence and left associative, ARRAY[…], CASE, IS, IN, AND, OR, NOT, and columns of a table given by name.
type parser struct {
	s    string
	i    int
	cols map[string]Column
}

// parseExpr binds an expression of the test language.
func parseExpr(s string, cols map[string]Column) (e Expr, err error) {
	p := &parser{s: s, cols: cols}
	defer func() {
		if r := recover(); r != nil {
			if err, _ = r.(error); err == nil {
				panic(r)
			}
		}
	}()
	e = p.or()
	if p.blank(); p.i < len(p.s) {
		return nil, fmt.Errorf("rest %q of %q", p.s[p.i:], p.s)
	}
	return e, nil
}

func must(e Expr, err error) Expr {
	if err != nil {
		panic(err)
	}
	return e
}

func (p *parser) blank() {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
}

func (p *parser) word() string {
	p.blank()
	j := p.i
	for j < len(p.s) && (p.s[j] == '_' || p.s[j] >= '0' && p.s[j] <= '9' || p.s[j]|0x20 >= 'a' && p.s[j]|0x20 <= 'z') {
		j++
	}
	return p.s[p.i:j]
}

func (p *parser) accept(tok string) bool {
	p.blank()
	if !strings.HasPrefix(p.s[p.i:], tok) {
		return false
	}
	if c := tok[0] | 0x20; c >= 'a' && c <= 'z' && p.word() != tok {
		return false
	}
	p.i += len(tok)
	return true
}

func (p *parser) want(tok string) {
	if !p.accept(tok) {
		panic(fmt.Errorf("want %q at %q", tok, p.s[p.i:]))
	}
}

func (p *parser) or() Expr {
	e := p.and()
	for p.accept("OR") {
		e = Or(asBool(e), asBool(p.and()))
	}
	return e
}

func asBool(e Expr) Expr { return must(ResolveCast(e, types.T(types.Bool), types.Implicit, 0)) }

func (p *parser) and() Expr {
	e := p.not()
	for p.accept("AND") {
		e = And(asBool(e), asBool(p.not()))
	}
	return e
}

func (p *parser) not() Expr {
	if p.accept("NOT") {
		return &Not{X: asBool(p.not())}
	}
	return p.infix()
}

func (p *parser) infix() Expr {
	e := p.unary()
	for {
		switch {
		case p.accept("IS"):
			not := p.accept("NOT")
			what := strings.ToLower(p.word())
			p.i += len(what)
			e = &Is{X: e, What: what, Not: not}
			continue
		case p.accept("IN"):
			e = p.in(e, false)
			continue
		}
		op := p.operator()
		if op == "" {
			return e
		}
		if p.accept("ANY") {
			p.want("(")
			e = must(ResolveAnyAll(op, e, p.or(), false, p.i))
			p.want(")")
		} else if p.accept("ALL") {
			p.want("(")
			e = must(ResolveAnyAll(op, e, p.or(), true, p.i))
			p.want(")")
		} else {
			e = must(ResolveOperator(op, e, p.unary(), p.i))
		}
	}
}

func (p *parser) in(x Expr, not bool) Expr {
	p.want("(")
	xs := append([]Expr{x}, p.args(")")...)
	t, err := CommonType("IN", xs, nil)
	if err != nil {
		panic(err)
	}
	for i := range xs {
		xs[i] = must(ResolveCast(xs[i], t, types.Implicit, 0))
	}
	return &InList{X: xs[0], List: xs[1:], Not: not}
}

func (p *parser) operator() string {
	p.blank()
	j := p.i
	for j < len(p.s) && strings.IndexByte("+-*/<>=~!@#%^&|`?", p.s[j]) >= 0 {
		j++
	}
	op := p.s[p.i:j]
	for len(op) > 1 && (op[len(op)-1] == '-' || op[len(op)-1] == '+') && strings.Trim(op, "<>=+-*/") == "" && op != "->" {
		op, j = op[:len(op)-1], j-1
	}
	p.i = j
	return op
}

func (p *parser) unary() Expr {
	p.blank()
	if p.i < len(p.s) && strings.IndexByte("+-~@|", p.s[p.i]) >= 0 {
		op := p.operator()
		x := p.unary()
		if c, ok := x.(*Const); ok && op == "-" && c.T.IsNumber() && !c.V.Null {
			return must(Fold(nil, must(ResolveOperator("-", nil, x, 0))))
		}
		return must(ResolveOperator(op, nil, x, p.i))
	}
	e := p.primary()
	for p.accept("::") {
		e = must(ResolveCast(e, p.typeName(), types.Explicit, p.i))
	}
	return e
}

func (p *parser) typeName() types.Type {
	name := p.word()
	p.i += len(name)
	t := sigType(name)
	if p.accept("(") {
		for i, a := range p.args(")") {
			if i == 0 {
				t.Prec = int32(a.(*Const).V.I)
			} else {
				t.Scale = int32(a.(*Const).V.I)
			}
		}
	}
	for p.accept("[]") {
		t = types.ArrayOf(t)
	}
	return t
}

func (p *parser) args(end string) (xs []Expr) {
	if p.accept(end) {
		return nil
	}
	for {
		xs = append(xs, p.or())
		if !p.accept(",") {
			p.want(end)
			return xs
		}
	}
}

func (p *parser) primary() Expr {
	p.blank()
	if p.i == len(p.s) {
		panic(fmt.Errorf("end of %q", p.s))
	}
	switch c := p.s[p.i]; {
	case c == '\'':
		var b strings.Builder
		for p.i++; p.i < len(p.s); p.i++ {
			if p.s[p.i] == '\'' {
				if p.i++; p.i == len(p.s) || p.s[p.i] != '\'' {
					break
				}
			}
			b.WriteByte(p.s[p.i])
		}
		return &Const{V: types.TextValue(b.String()), T: types.T(types.Unknown)}
	case c >= '0' && c <= '9':
		return p.number()
	case p.accept("("):
		e := p.or()
		p.want(")")
		return e
	case p.accept("NULL"):
		return &Const{V: types.Null, T: types.T(types.Unknown)}
	case p.accept("true"), p.accept("false"):
		return &Const{V: types.BoolValue(c == 't'), T: types.T(types.Bool)}
	case p.accept("ARRAY"):
		p.want("[")
		xs := p.args("]")
		t, err := CommonType("ARRAY", xs, nil)
		if err != nil {
			panic(err)
		}
		if t.Kind == types.Array {
			t = *t.Elem
		}
		return must(ResolveCast(&ArrayOf{Args: xs, T: types.ArrayOf(types.T(types.Unknown))}, types.ArrayOf(t), types.Implicit, 0))
	case p.accept("CASE"):
		return p.caseExpr()
	}
	name := p.word()
	if name == "" {
		panic(fmt.Errorf("cannot read %q", p.s[p.i:]))
	}
	p.i += len(name)
	if p.accept("(") {
		return must(ResolveFunction([]string{name}, p.args(")"), 0))
	}
	col, ok := p.cols[name]
	if !ok {
		panic(fmt.Errorf("no column %q", name))
	}
	return &col
}

func (p *parser) number() Expr {
	j := p.i
	for j < len(p.s) && (p.s[j] >= '0' && p.s[j] <= '9' || p.s[j] == '.' || p.s[j] == 'e') {
		j++
	}
	text := p.s[p.i:j]
	p.i = j
	for _, k := range []types.Kind{types.Int4, types.Int8, types.Numeric} {
		if v, err := types.ParseText(types.T(k), text, nil); err == nil {
			return &Const{V: v, T: types.T(k)}
		}
	}
	panic(fmt.Errorf("bad number %q", text))
}

func (p *parser) caseExpr() Expr {
	var conds, results []Expr
	for p.accept("WHEN") {
		conds = append(conds, asBool(p.or()))
		p.want("THEN")
		results = append(results, p.or())
	}
	var otherwise Expr = &Const{V: types.Null, T: types.T(types.Unknown)}
	if p.accept("ELSE") {
		otherwise = p.or()
	}
	p.want("END")
	all := append(results, otherwise)
	t, err := CommonType("CASE", all, nil)
	if err != nil {
		panic(err)
	}
	for i := range all {
		all[i] = must(ResolveCast(all[i], t, types.Implicit, 0))
	}
	return &Case{Conds: conds, Results: all[:len(conds)], Else: all[len(conds)], T: t}
}

// textOf evaluates a constant expression to PostgreSQL's text, "NULL" or "ERROR code".
func textOf(s string) (string, error) {
	e, err := parseExpr(s, nil)
	if err != nil {
		return "", err
	}
	e, err = Fold(testEnv, e)
	if err != nil {
		return "", err
	}
	if isReg(e.Type()) {
		e = &Cast{X: e, T: types.T(types.Text)}
	}
	v, err := EvalConst(testEnv, e)
	if err != nil {
		return "", err
	}
	if v.Null {
		return "NULL", nil
	}
	return string(types.AppendText(nil, e.Type(), v, nil)), nil
}

var testEnv = &Env{User: "alice", Database: "db", Now: 800000000000000}

// TestExamples checks every example in the registry that has a result.
func TestExamples(t *testing.T) {
	seen, without := map[string]bool{}, 0
	for _, f := range Functions() {
		if f.ExampleResult == "" {
			without++
			continue
		}
		if f.Dialect == KSQL {
			continue // needs ksqlDB's grammar: the planner's TestExamplesKSQL
		}
		if seen[f.Example] {
			continue
		}
		seen[f.Example] = true
		got, err := textOf(f.Example)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
		} else if got != f.ExampleResult {
			t.Errorf("%s = %s, the registry says %s", f.Example, got, f.ExampleResult)
		}
	}
	t.Logf("%d examples, %d overloads without a result", len(seen), without)
}

package types

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/regex"
)

// pathDepthMax bounds nesting of a jsonpath; PostgreSQL's bound is its stack.
const pathDepthMax = 1000

var errPathDepth = pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded")

// ParsePath reads a jsonpath. Errors: 42601, 22P02 (empty), 2201B (a pattern of like_regex), 54001, 22021.
func ParsePath(s string) (*Path, error) {
	if err := checkUTF8(s); err != nil {
		return nil, err
	}
	p := pathParser{lex: pathLexer{s: s}}
	p.next()
	path := &Path{}
	moded := p.word("strict") || p.word("lax")
	if moded {
		path.Strict = p.tok.kind == pathWord && strings.EqualFold(p.tok.text, "strict")
		p.next()
	}
	if p.err == nil && p.tok.kind == pathEnd && !moded {
		return nil, badInput("jsonpath", s)
	}
	n := p.or()
	if p.tok.kind != pathEnd {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	path.Root = n.node
	return path, path.Root.check(false, false, 0)
}

// pathParser reads by recursive descent; after the first error it only unwinds.
type pathParser struct {
	lex   pathLexer
	tok   pathToken
	depth int
	err   error
}

// pathExpr is an expression, or a predicate, which may stand only where one is wanted.
type pathExpr struct {
	node *PathNode
	pred bool
	bare bool // a predicate that was in parentheses or exists(): what ! takes
}

func (p *pathParser) next() {
	tok, err := p.lex.next()
	if err != nil && p.err == nil {
		p.err = err
	}
	if p.tok = tok; p.err != nil {
		p.tok = pathToken{kind: pathEnd}
	}
}

// fail is a syntax error at the token.
func (p *pathParser) fail() {
	if p.err != nil {
		return
	}
	p.err = p.lex.fail("syntax error", p.tok)
	p.tok = pathToken{kind: pathEnd}
}

// word reports a keyword; case does not count.
func (p *pathParser) word(w string) bool {
	return p.tok.kind == pathWord && !p.tok.escaped && strings.EqualFold(p.tok.text, w)
}

func (p *pathParser) sign(s string) bool { return p.tok.kind == pathSign && p.tok.text == s }

func (p *pathParser) accept(s string) bool {
	if p.sign(s) {
		p.next()
		return true
	}
	return false
}

func (p *pathParser) expect(s string) {
	if !p.accept(s) {
		p.fail()
	}
}

// want fails unless x is (or is not) a predicate.
func (p *pathParser) want(x pathExpr, pred bool) *PathNode {
	if x.pred != pred {
		p.fail()
	}
	return x.node
}

func (p *pathParser) enter() bool {
	if p.depth++; p.depth > pathDepthMax && p.err == nil {
		p.err = errPathDepth
		p.tok = pathToken{kind: pathEnd}
	}
	return p.err == nil
}

func (p *pathParser) or() pathExpr {
	defer func() { p.depth-- }()
	if !p.enter() {
		return pathExpr{}
	}
	x := p.and()
	for p.sign("||") {
		left := p.want(x, true)
		p.next()
		x = pathExpr{node: &PathNode{Op: PathOr, Left: left, Right: p.want(p.and(), true)}, pred: true}
	}
	return x
}

func (p *pathParser) and() pathExpr {
	x := p.predicate()
	for p.sign("&&") {
		left := p.want(x, true)
		p.next()
		x = pathExpr{node: &PathNode{Op: PathAnd, Left: left, Right: p.want(p.predicate(), true)}, pred: true}
	}
	return x
}

var pathComparisons = map[string]PathOp{"==": PathEqual, "!=": PathNotEqual, "<>": PathNotEqual, "<": PathLess, "<=": PathLessEqual,
	">": PathGreater, ">=": PathGreaterEqual}

func (p *pathParser) predicate() pathExpr {
	if p.accept("!") {
		return pathExpr{node: &PathNode{Op: PathNot, Left: p.delimited()}, pred: true}
	}
	x := p.additive()
	if x.pred {
		if x.bare && x.node != nil && p.word("is") {
			p.next()
			if !p.word("unknown") {
				p.fail()
			}
			p.next()
			return pathExpr{node: &PathNode{Op: PathIsUnknown, Left: x.node}, pred: true}
		}
		return x
	}
	op, ok := pathComparisons[p.tok.text]
	switch {
	case p.tok.kind == pathSign && ok:
		p.next()
		return pathExpr{node: &PathNode{Op: op, Left: x.node, Right: p.want(p.additive(), false)}, pred: true}
	case p.word("starts"):
		return p.startsWith(x.node)
	case p.word("like_regex"):
		return p.likeRegex(x.node)
	}
	return x
}

// delimited reads what ! takes: a predicate in parentheses or exists(…).
func (p *pathParser) delimited() *PathNode {
	if p.word("exists") {
		return p.wordOperand(&PathNode{}).node
	}
	p.expect("(")
	n := p.want(p.or(), true)
	p.expect(")")
	return n
}

func (p *pathParser) startsWith(left *PathNode) pathExpr {
	p.next()
	if !p.word("with") {
		p.fail()
	}
	p.next()
	right := &PathNode{Op: PathString, Str: p.tok.text}
	switch p.tok.kind {
	case pathQuoted:
	case pathVar:
		right.Op = PathVariable
	default:
		p.fail()
	}
	p.next()
	return pathExpr{node: &PathNode{Op: PathStartsWith, Left: left, Right: right}, pred: true}
}

func (p *pathParser) likeRegex(left *PathNode) pathExpr {
	p.next()
	n := &PathNode{Op: PathLikeRegex, Left: left, Str: p.tok.text}
	if p.tok.kind != pathQuoted {
		p.fail()
	}
	if p.next(); p.word("flag") {
		p.next()
		if p.tok.kind != pathQuoted {
			p.fail()
		}
		p.flags(n, p.tok.text)
		p.next()
	}
	if p.err == nil {
		p.err = checkPattern(n)
	}
	return pathExpr{node: n, pred: true}
}

func (p *pathParser) flags(n *PathNode, flags string) {
	for _, c := range flags {
		i := strings.IndexRune("ismxq", c)
		if i < 0 {
			if p.err == nil {
				p.err = pgerr.New(pgerr.SyntaxError, "invalid input syntax for type jsonpath").
					WithDetail("Unrecognized flag character \"%c\" in LIKE_REGEX predicate.", c)
			}
			return
		}
		n.Flags |= 1 << i
	}
}

// checkPattern compiles the pattern of like_regex.
func checkPattern(n *PathNode) (err error) {
	if n.Flags&PathExpanded != 0 && n.Flags&PathQuote == 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "XQuery \"x\" flag (expanded regular expressions) is not implemented")
	}
	flags := regex.Flags(0)
	if n.Flags&PathIgnoreCase != 0 {
		flags |= regex.IgnoreCase
	}
	switch {
	case n.Flags&PathQuote != 0:
		flags |= regex.Literal
	default:
		if n.Flags&PathDotAll == 0 {
			flags |= regex.NewlineStop
		}
		if n.Flags&PathMultiline != 0 {
			flags |= regex.NewlineAnchor
		}
	}
	n.re, err = regex.Compile(n.Str, flags)
	return err
}

var (
	pathSums     = map[string]PathOp{"+": PathAdd, "-": PathSub}
	pathProducts = map[string]PathOp{"*": PathMul, "/": PathDiv, "%": PathMod}
)

func (p *pathParser) additive() pathExpr { return p.binary(pathSums, p.multiplicative) }

func (p *pathParser) multiplicative() pathExpr { return p.binary(pathProducts, p.unary) }

// binary reads operands between operators of one precedence, left associative.
func (p *pathParser) binary(ops map[string]PathOp, operand func() pathExpr) pathExpr {
	x := operand()
	for p.tok.kind == pathSign {
		op, ok := ops[p.tok.text]
		if !ok {
			break
		}
		left := p.want(x, false)
		p.next()
		x = pathExpr{node: &PathNode{Op: op, Left: left, Right: p.want(operand(), false)}}
	}
	return x
}

func (p *pathParser) unary() pathExpr {
	minus := p.sign("-")
	if !minus && !p.sign("+") {
		return p.primary()
	}
	defer func() { p.depth-- }()
	if p.next(); !p.enter() {
		return pathExpr{}
	}
	x := p.want(p.unary(), false)
	switch {
	case x == nil:
		return pathExpr{}
	case x.Op == PathNumber && x.Next == nil:
		if minus {
			x.Num = x.Num.Neg()
		}
		return pathExpr{node: x}
	case minus:
		return pathExpr{node: &PathNode{Op: PathMinus, Left: x}}
	}
	return pathExpr{node: &PathNode{Op: PathPlus, Left: x}}
}

// primary reads an operand and its accessors.
func (p *pathParser) primary() pathExpr {
	exists := p.word("exists")
	x := p.operand()
	if p.err != nil || x.node == nil || exists {
		return x
	}
	tail := x.node
	for tail.Next != nil {
		tail = tail.Next
	}
	for p.err == nil && (p.sign(".") || p.sign("[") || p.sign("?")) {
		tail.Next = p.accessor()
		if tail = tail.Next; tail == nil {
			break
		}
		x.pred, x.bare = false, false
	}
	return x
}

func (p *pathParser) operand() pathExpr {
	n := &PathNode{Str: p.tok.text}
	switch p.tok.kind {
	case pathQuoted:
		n.Op = PathString
	case pathVar:
		n.Op = PathVariable
	case pathNumber, pathInteger:
		d, err := ParseDec(p.tok.text)
		if n.Op, n.Num, n.Str = PathNumber, d, ""; err != nil && p.err == nil {
			p.err = err
		}
	case pathWord:
		return p.wordOperand(n)
	case pathSign:
		switch n.Str = ""; p.tok.text {
		case "$":
			n.Op = PathRoot
		case "@":
			n.Op = PathCurrent
		case "(":
			p.next()
			x := p.or()
			p.expect(")")
			x.bare = x.pred
			return x
		}
	}
	if n.Op == 0 {
		p.fail()
	}
	p.next()
	return pathExpr{node: n}
}

func (p *pathParser) wordOperand(n *PathNode) pathExpr {
	n.Str = ""
	switch {
	case p.word("exists"):
		p.next()
		p.expect("(")
		n.Op, n.Left = PathExists, p.want(p.additive(), false)
		p.expect(")")
		return pathExpr{node: n, pred: true, bare: true}
	case p.word("last"):
		n.Op = PathLast
	case p.tok.escaped:
	case p.tok.text == "null":
		n.Op = PathNull
	case p.tok.text == "true" || p.tok.text == "false":
		n.Op, n.Bool = PathBool, p.tok.text == "true"
	}
	if n.Op == 0 {
		p.fail()
	}
	p.next()
	return pathExpr{node: n}
}

func (p *pathParser) accessor() *PathNode {
	switch {
	case p.accept("["):
		return p.subscripts()
	case p.accept("?"):
		p.expect("(")
		n := &PathNode{Op: PathFilter, Left: p.want(p.or(), true)}
		p.expect(")")
		return n
	}
	p.next() // the point
	switch {
	case p.accept("*"):
		return &PathNode{Op: PathAnyKey}
	case p.accept("**"):
		return p.levels()
	case p.tok.kind != pathWord && p.tok.kind != pathQuoted:
		p.fail()
		return nil
	}
	key := p.tok
	if p.next(); key.kind == pathQuoted || key.escaped || !p.sign("(") {
		return &PathNode{Op: PathKey, Str: key.text}
	}
	name := strings.ToLower(key.text)
	switch name {
	case "abs", "size", "type", "floor", "double", "ceiling", "keyvalue":
		p.next()
		p.expect(")")
		return &PathNode{Op: PathMethod, Str: name}
	case "datetime":
		p.next()
		n := &PathNode{Op: PathDatetime}
		if p.tok.kind == pathQuoted {
			n.Left = &PathNode{Op: PathString, Str: p.tok.text}
			p.next()
		}
		p.expect(")")
		return n
	}
	p.fail()
	return nil
}

func (p *pathParser) subscripts() *PathNode {
	if p.accept("*") {
		p.expect("]")
		return &PathNode{Op: PathAnyArray}
	}
	n := &PathNode{Op: PathIndex}
	for {
		sub := PathSlice{From: p.want(p.additive(), false)}
		if p.word("to") {
			p.next()
			sub.To = p.want(p.additive(), false)
		}
		n.Subs = append(n.Subs, sub)
		if !p.accept(",") {
			p.expect("]")
			return n
		}
	}
}

// levels reads what may stand behind **.
func (p *pathParser) levels() *PathNode {
	n := &PathNode{Op: PathAny, Last: PathAnyLevel}
	if !p.accept("{") {
		return n
	}
	n.First = p.level()
	if n.Last = n.First; p.word("to") {
		p.next()
		n.Last = p.level()
	}
	p.expect("}")
	return n
}

func (p *pathParser) level() uint32 {
	if p.word("last") {
		p.next()
		return PathAnyLevel
	}
	if p.tok.kind != pathInteger {
		p.fail()
		return 0
	}
	n, _ := atoi(p.tok.text[:min(len(p.tok.text), 9)])
	p.next()
	return uint32(n)
}

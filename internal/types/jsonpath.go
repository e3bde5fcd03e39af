package types

import (
	"strconv"

	"streamsql/internal/pgerr"
	"streamsql/internal/regex"
)

// PathOp is what a node of a jsonpath is.
type PathOp uint8

// The nodes of a jsonpath: literals, places, accessors, methods, operators, predicates.
const (
	PathNull     PathOp = iota + 1
	PathString          // Str
	PathNumber          // Num
	PathBool            // Bool
	PathVariable        // Str
	PathRoot            // $
	PathCurrent         // @
	PathLast            // last
	PathKey             // .Str
	PathAnyKey          // .*
	PathAnyArray        // [*]
	PathIndex           // [Subs]
	PathAny             // .**{First to Last}
	PathFilter          // ?(Left)
	PathMethod          // .Str()
	PathDatetime        // .datetime(Left), a PathString or nil
	PathPlus            // + Left
	PathMinus           // - Left
	PathAdd
	PathSub
	PathMul
	PathDiv
	PathMod
	PathEqual
	PathNotEqual
	PathLess
	PathLessEqual
	PathGreater
	PathGreaterEqual
	PathStartsWith
	PathLikeRegex // Left, Str the pattern, Flags
	PathAnd
	PathOr
	PathNot
	PathIsUnknown
	PathExists
)

// PathAnyLevel is the level "last" of PathAny.
const PathAnyLevel = ^uint32(0)

// The flags of like_regex.
const (
	PathIgnoreCase = 1 << iota // i
	PathDotAll                 // s
	PathMultiline              // m
	PathExpanded               // x
	PathQuote                  // q
)

// PathNode is a node of a jsonpath. Accessors and methods hang on what they are applied to by Next.
type PathNode struct {
	Op          PathOp
	Str         string
	Num         Dec
	Bool        bool
	Left, Right *PathNode
	Subs        []PathSlice
	First, Last uint32
	Flags       int
	Next        *PathNode

	re *regex.Regexp // of PathLikeRegex
}

// Pattern is the pattern of a PathLikeRegex. One goroutine at a time may use it.
func (n *PathNode) Pattern() *regex.Regexp { return n.re }

// PathSlice is a subscript, or a range of them when To is not nil.
type PathSlice struct{ From, To *PathNode }

// Path is a jsonpath taken apart.
type Path struct {
	Strict bool
	Root   *PathNode
}

// parsePathText is the input function of jsonpath. What is kept is the text as it prints.
func parsePathText(s string) (Value, error) {
	p, err := ParsePath(s)
	if err != nil {
		return Value{}, err
	}
	return TextValue(p.String()), nil
}

// String prints the path as PostgreSQL does, but for an operator with an accessor behind it, which keeps its parentheses:
// PostgreSQL 15 prints ($.a * 2).abs() + 1 so that it means something else.
func (p *Path) String() string {
	var dst []byte
	if p.Strict {
		dst = append(dst, "strict "...)
	}
	return string(p.Root.append(dst, false, true))
}

var pathOpNames = map[PathOp]string{PathPlus: "+", PathMinus: "-", PathAdd: "+", PathSub: "-", PathMul: "*", PathDiv: "/", PathMod: "%",
	PathEqual: "==", PathNotEqual: "!=", PathLess: "<", PathLessEqual: "<=", PathGreater: ">", PathGreaterEqual: ">=",
	PathStartsWith: "starts with", PathAnd: "&&", PathOr: "||"}

// Name is the operator's sign.
func (op PathOp) Name() string { return pathOpNames[op] }

func (n *PathNode) priority() int {
	switch op := n.Op; {
	case op == PathOr:
		return 0
	case op == PathAnd:
		return 1
	case op >= PathEqual && op <= PathStartsWith:
		return 2
	case op == PathAdd || op == PathSub:
		return 3
	case op >= PathMul && op <= PathMod:
		return 4
	case op == PathPlus || op == PathMinus:
		return 5
	}
	return 6
}

// append prints n and what hangs on it. inKey: behind an accessor, where a key has a point; brackets: where operators
// need parentheses.
func (n *PathNode) append(dst []byte, inKey, brackets bool) []byte {
	for ; n != nil; n, inKey, brackets = n.Next, true, true {
		dst = n.appendOne(dst, inKey, brackets || n.Next != nil)
	}
	return dst
}

func (n *PathNode) appendOne(dst []byte, inKey, brackets bool) []byte {
	switch n.Op {
	case PathNull:
		return append(dst, "null"...)
	case PathString:
		return AppendJSONString(dst, n.Str)
	case PathNumber:
		if n.Next != nil {
			return append(n.Num.Append(append(dst, '(')), ')')
		}
		return n.Num.Append(dst)
	case PathBool:
		return strconv.AppendBool(dst, n.Bool)
	case PathVariable:
		return AppendJSONString(append(dst, '$'), n.Str)
	case PathRoot:
		return append(dst, '$')
	case PathCurrent:
		return append(dst, '@')
	case PathLast:
		return append(dst, "last"...)
	case PathKey:
		return AppendJSONString(append(dst, '.'), n.Str)
	case PathAnyKey:
		return append(dst, ".*"...)
	case PathAnyArray:
		return append(dst, "[*]"...)
	case PathIndex:
		return n.appendSubs(dst)
	case PathAny:
		return n.appendLevels(append(dst, ".**"...))
	case PathFilter:
		return append(n.Left.append(append(dst, "?("...), false, false), ')')
	case PathMethod:
		return append(append(append(dst, '.'), n.Str...), "()"...)
	case PathDatetime:
		return append(n.Left.append(append(dst, ".datetime("...), false, false), ')')
	case PathNot:
		return append(n.Left.append(append(dst, "!("...), false, false), ')')
	case PathIsUnknown:
		return append(n.Left.append(append(dst, '('), false, false), ") is unknown"...)
	case PathExists:
		return append(n.Left.append(append(dst, "exists ("...), false, false), ')')
	}
	return n.appendOperator(dst, brackets)
}

func (n *PathNode) appendOperator(dst []byte, brackets bool) []byte {
	if brackets {
		dst = append(dst, '(')
	}
	arg := func(dst []byte, x *PathNode) []byte { return x.append(dst, false, x.priority() <= n.priority()) }
	switch n.Op {
	case PathPlus, PathMinus:
		dst = arg(append(dst, n.Op.Name()...), n.Left)
	case PathLikeRegex:
		dst = AppendJSONString(append(arg(dst, n.Left), " like_regex "...), n.Str)
		if n.Flags != 0 {
			dst = append(dst, ` flag "`...)
			for i, c := range []byte("ismxq") {
				if n.Flags>>i&1 != 0 {
					dst = append(dst, c)
				}
			}
			dst = append(dst, '"')
		}
	default:
		dst = append(append(append(arg(dst, n.Left), ' '), n.Op.Name()...), ' ')
		dst = arg(dst, n.Right)
	}
	if brackets {
		dst = append(dst, ')')
	}
	return dst
}

func (n *PathNode) appendSubs(dst []byte) []byte {
	dst = append(dst, '[')
	for i, s := range n.Subs {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst = s.From.append(dst, false, false); s.To != nil {
			dst = s.To.append(append(dst, " to "...), false, false)
		}
	}
	return append(dst, ']')
}

func (n *PathNode) appendLevels(dst []byte) []byte {
	level := func(dst []byte, l uint32) []byte {
		if l == PathAnyLevel {
			return append(dst, "last"...)
		}
		return strconv.AppendUint(dst, uint64(l), 10)
	}
	if n.First == 0 && n.Last == PathAnyLevel {
		return dst
	}
	dst = level(append(dst, '{'), n.First)
	if n.First != n.Last {
		dst = level(append(dst, " to "...), n.Last)
	}
	return append(dst, '}')
}

// check refuses @ outside of filters and last outside of subscripts, and deep nesting.
func (n *PathNode) check(inFilter, inSubscript bool, depth int) error {
	if depth > pathDepthMax {
		return errPathDepth
	}
	for ; n != nil; n = n.Next {
		switch {
		case n.Op == PathCurrent && !inFilter:
			return pgerr.New(pgerr.SyntaxError, "@ is not allowed in root expressions")
		case n.Op == PathLast && !inSubscript:
			return pgerr.New(pgerr.SyntaxError, "LAST is allowed only in array subscripts")
		}
		for _, x := range []*PathNode{n.Left, n.Right} {
			if err := x.check(inFilter || n.Op == PathFilter, inSubscript, depth+1); err != nil {
				return err
			}
		}
		for _, s := range n.Subs {
			for _, x := range []*PathNode{s.From, s.To} {
				if err := x.check(inFilter, true, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

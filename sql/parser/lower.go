package parser

import (
	"sort"
	"strconv"

	"streamsql/sql/ast"
)

// The bytes that set our names apart inside TiDB's identifiers: pathSep joins the parts of a dotted name, markByte begins
// a marker, which is a reference to the side table. The lexer refuses both in names.
const (
	pathSep  = '\x1f'
	markByte = '\x1e'
)

// segment is one piece of the lowered text and the place in the user's text that it stands for.
type segment struct {
	kind segKind
	text string // segRaw: the text; segString: the decoded string; segMark: the marker's readable part
	n    int32  // segPath: index of its first name; segMark: index into side; segParam: the parameter's number
	m    int32  // segPath: number of names
	wrap int32  // what is written before it: index into wraps, counted from 1, outermost first
	pos  int32  // byte of the user's text
	off  int32  // byte of the lowered text, known once built
}

type segKind uint8

const (
	segRaw segKind = iota
	segPath
	segString
	segMark
	segParam
)

// wrapping is the opening of a call around something whose end was not known when it began.
type wrapping struct {
	text string // the marker's readable part, or "" for a bare parenthesis
	n    int32  // index into side
	next int32
}

// lowering is the state of one piece of text on its way to TiDB.
//
// side holds the nodes that MySQL has no words for, finished but for their operands: a marker in the lowered text
// names one by its index, and convert.go fills the operands in.
type lowering struct {
	segs  []segment
	wraps []wrapping
	parts []string
	side  []ast.Node
	buf   []byte
}

// begin starts a new piece.
func (l *lowering) begin() {
	l.segs, l.wraps, l.parts, l.buf = l.segs[:0], l.wraps[:0], l.parts[:0], l.buf[:0]
	clear(l.side)
	l.side = l.side[:0]
}

func (l *lowering) raw(text string, pos int) {
	l.segs = append(l.segs, segment{kind: segRaw, text: text, pos: int32(pos)})
}

func (l *lowering) string(text string, pos int) {
	l.segs = append(l.segs, segment{kind: segString, text: text, pos: int32(pos)})
}

// path writes a dotted name.
func (l *lowering) path(pos int, parts ...string) {
	first := len(l.parts)
	l.parts = append(l.parts, parts...)
	l.pathFrom(pos, first)
}

// pathFrom writes the dotted name whose parts have been appended to parts from index first on.
func (l *lowering) pathFrom(pos, first int) {
	l.segs = append(l.segs, segment{kind: segPath, n: int32(first), m: int32(len(l.parts) - first), pos: int32(pos)})
}

func (l *lowering) paramMark(n, pos int) {
	l.segs = append(l.segs, segment{kind: segParam, n: int32(n), pos: int32(pos)})
}

// mark writes a marker for node; text is for readers of the lowered text.
func (l *lowering) mark(text string, node ast.Node, pos int) {
	l.segs = append(l.segs, segment{kind: segMark, text: text, n: int32(len(l.side)), pos: int32(pos)})
	l.side = append(l.side, node)
}

// wrap puts the call of a marker around what began at segment start; the caller writes the rest of it.
func (l *lowering) wrap(start int, text string, node ast.Node) {
	l.wraps = append(l.wraps, wrapping{text: text, n: int32(len(l.side)), next: l.segs[start].wrap})
	l.segs[start].wrap = int32(len(l.wraps))
	l.side = append(l.side, node)
}

// wrapParen puts parentheses around what began at segment start.
func (l *lowering) wrapParen(start, pos int) {
	l.wraps = append(l.wraps, wrapping{next: l.segs[start].wrap})
	l.segs[start].wrap = int32(len(l.wraps))
	l.raw(")", pos)
}

// build returns the lowered text and fixes the segments' offsets.
func (l *lowering) build() string {
	for i := range l.segs {
		s := &l.segs[i]
		s.off = int32(len(l.buf))
		for w := s.wrap; w != 0; w = l.wraps[w-1].next {
			if l.wraps[w-1].text != "" {
				l.marker(l.wraps[w-1].text, l.wraps[w-1].n)
			}
			l.buf = append(l.buf, '(')
		}
		switch s.kind {
		case segRaw:
			l.buf = append(l.buf, s.text...)
		case segPath:
			l.buf = append(l.buf, '`')
			for j, part := range l.parts[s.n : s.n+s.m] {
				if j > 0 {
					l.buf = append(l.buf, pathSep)
				}
				l.quote(part, '`')
			}
			l.buf = append(l.buf, '`')
		case segString:
			l.buf = append(l.buf, '\'')
			l.quote(s.text, '\'')
			l.buf = append(l.buf, '\'')
		case segMark:
			l.marker(s.text, s.n)
		case segParam:
			l.buf = append(l.buf, '?')
		}
	}
	return string(l.buf)
}

func (l *lowering) marker(text string, n int32) {
	l.buf = append(l.buf, '`', markByte)
	l.buf = append(l.buf, text...)
	l.buf = append(l.buf, ':')
	l.buf = strconv.AppendInt(l.buf, int64(n), 10)
	l.buf = append(l.buf, '`')
}

func (l *lowering) quote(s string, q byte) {
	for i := 0; i < len(s); i++ {
		if s[i] == q {
			l.buf = append(l.buf, q)
		}
		l.buf = append(l.buf, s[i])
	}
}

// segmentAt returns the segment that holds byte off of the lowered text.
func (l *lowering) segmentAt(off int) *segment {
	i := sort.Search(len(l.segs), func(i int) bool { return int(l.segs[i].off) > off })
	return &l.segs[max(i-1, 0)]
}

// part is an operand that is no expression: a clause of a call, an item of ORDER BY, a tail of a query. It lives only
// between lowering and conversion.
type part struct {
	ast.Expr // nil: makes a part an expression for the converter's lists
	kind     partKind
	pos      ast.Pos
	name     string          // partNulls, partEmit, partWindow
	item     ast.OrderItem   // partOrder, without its expression
	spec     *ast.WindowSpec // partOver, partWindow, without its clauses
	frame    *ast.Frame      // partFrame, without the bounds' expressions
	args     []ast.Expr      // filled in by the converter
}

func (p *part) Start() ast.Pos { return p.pos }

type partKind uint8

const (
	partStar        partKind = iota // f(*)
	partDistinct                    // f(DISTINCT …)
	partVariadic                    // f(VARIADIC …)
	partNulls                       // IGNORE NULLS, RESPECT NULLS
	partOrder                       // one ORDER BY item
	partOrderBy                     // ORDER BY inside a call or a window
	partWithin                      // WITHIN GROUP
	partFilter                      // FILTER
	partOver                        // OVER
	partPartitionBy                 // PARTITION BY
	partFrame                       // ROWS, RANGE, GROUPS
	partWindow                      // one definition of the WINDOW clause, or (without spec) ksqlDB's PARTITION BY
	partSet                         // one set of GROUPING SETS
	partGroup                       // a GROUP BY item, kept from being taken as a position
	partLimit                       // the tail of a query leaves as items of ORDER BY
	partOffset
	partLimitBy // LIMIT n OFFSET m BY
	partTies
	partEmit
	partNoFrom // SELECT without FROM
	partZone   // AT TIME ZONE
)

package parser

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	tidb "github.com/pingcap/tidb/pkg/parser"
	tast "github.com/pingcap/tidb/pkg/parser/ast"
	tformat "github.com/pingcap/tidb/pkg/parser/format"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"streamsql/internal/pgerr"
	"streamsql/sql/token"
)

// CheckEnvironment refuses an environment in which a dependency of the parser (failpoint) would open an HTTP listener
// that answers anybody. It has done so before main runs; refusing to go on closes it again.
func CheckEnvironment() error {
	if os.Getenv("GO_FAILPOINTS_HTTP") != "" {
		return errors.New("the environment variable GO_FAILPOINTS_HTTP is set: a library would serve HTTP there; unset it")
	}
	return nil
}

// pooledBytesMax is the lowered text above which TiDB's parser is dropped after use, with the memory it has grown to.
const pooledBytesMax = 64 << 10

// pool holds TiDB parsers; one is not safe for concurrent use, and its results are overwritten by its next use.
var pool = sync.Pool{New: func() any {
	t := &tidbParser{tidb.New()}
	t.SetSQLMode(mysql.ModeNoBackslashEscapes)
	return t
}}

// tidbParser is TiDB's parser, for files that do not import it.
type tidbParser struct{ *tidb.Parser }

// parseOnly parses and drops the result.
func (t *tidbParser) parseOnly(text string) error {
	_, _, err := t.ParseSQL(text)
	return err
}

// withTiDB parses the lowered text and hands the statement to use before the parser goes back to the pool.
func (p *parser) withTiDB(use func(tast.StmtNode)) {
	if p.err != nil {
		return
	}
	text := p.build()
	t := pool.Get().(*tidbParser)
	stmts, _, err := t.ParseSQL(text)
	switch {
	case err != nil:
		p.tidbError(err.Error(), len(text))
	case len(stmts) != 1:
		p.broken(stmts)
	default:
		use(stmts[0])
	}
	if len(text) <= pooledBytesMax {
		pool.Put(t)
	}
}

// tidbError turns TiDB's complaint, which quotes the rest of the text behind the bad token, into ours.
func (p *parser) tidbError(msg string, textLen int) {
	off := textLen
	if _, after, ok := strings.Cut(msg, "(total length "); ok {
		digits, _, _ := strings.Cut(after, ")")
		if n, err := strconv.Atoi(digits); err == nil {
			off = textLen - n
		}
	} else if i := strings.Index(msg, `near "`); i >= 0 {
		if j := strings.LastIndexByte(msg, '"'); j >= i+6 {
			off = textLen - (j - i - 6)
		}
	}
	pos := int(p.segmentAt(max(off, 0)).pos)
	for i := range p.toks {
		if p.toks[i].Pos >= pos || p.toks[i].Kind == token.EOF {
			p.nearToken(i)
			return
		}
	}
}

// The driver: what TiDB's parser needs to know about values. Ours keeps them as they were lexed; decimals stay text.
func init() {
	tast.NewValueExpr = func(v any, _, _ string) tast.ValueExpr { return &value{v: v} }
	tast.NewParamMarkerExpr = func(offset int) tast.ParamMarkerExpr { return &paramMarker{offset: offset} }
	tast.NewDecimal = func(s string) (any, error) { return decimal(s), nil }
	tast.NewHexLiteral = func(string) (any, error) { return nil, errNotLowered }
	tast.NewBitLiteral = func(string) (any, error) { return nil, errNotLowered }
}

var errNotLowered = pgerr.New(pgerr.InternalError, "parser: a MySQL literal reached TiDB")

// decimal is a literal with a decimal point.
type decimal string

// value is a literal: nil, bool, int64, uint64, string or decimal.
type value struct {
	tast.TexprNode
	v any
}

func (v *value) SetValue(x any)            { v.v = x }
func (v *value) GetValue() any             { return v.v }
func (v *value) GetDatumString() string    { return v.GetString() }
func (v *value) GetProjectionOffset() int  { return -1 }
func (v *value) SetProjectionOffset(_ int) {}
func (v *value) Format(w io.Writer)        { fmt.Fprint(w, v.v) }

func (v *value) GetString() string {
	s, _ := v.v.(string)
	return s
}

func (v *value) Restore(ctx *tformat.RestoreCtx) error {
	ctx.WritePlain(fmt.Sprint(v.v))
	return nil
}

func (v *value) Accept(visitor tast.Visitor) (tast.Node, bool) {
	n, _ := visitor.Enter(v)
	return visitor.Leave(n)
}

// paramMarker is a question mark at byte offset of the lowered text.
type paramMarker struct {
	value
	offset int
}

func (m *paramMarker) SetOrder(int) {}

func (m *paramMarker) Accept(visitor tast.Visitor) (tast.Node, bool) {
	n, _ := visitor.Enter(m)
	return visitor.Leave(n)
}

package wire

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/jackc/pgproto3/v2"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

func (c *conn) onParse(m *pgproto3.Parse) error {
	ctx := c.begin()
	defer c.finish()
	p, err := c.prepare(ctx, m)
	if err != nil {
		return c.fail(err, m.Query)
	}
	if m.Name == "" {
		c.anonymous = p
	} else {
		c.statements[m.Name] = p
	}
	c.out.buf = appendParseComplete(c.out.buf)
	return nil
}

func (c *conn) prepare(ctx context.Context, m *pgproto3.Parse) (*prepared, error) {
	if m.Name == "" {
		c.anonymous = nil
	} else if c.statements[m.Name] != nil {
		return nil, pgerr.New(pgerr.DuplicatePreparedStatement, "prepared statement %q already exists", m.Name)
	} else if len(c.statements) >= statementsMax {
		return nil, pgerr.New(pgerr.ConfigurationLimitExceeded, "too many prepared statements in a session (%d)", statementsMax)
	}
	declared, err := paramTypes(m.ParameterOIDs)
	if err != nil {
		return nil, err
	}
	statements, err := c.parse(ctx, m.Query, declared)
	if err != nil {
		return nil, err
	}
	p := &prepared{name: m.Name, text: m.Query}
	switch len(statements) {
	case 0:
	case 1:
		p.st = statements[0]
		return p, checkColumns(p.st.Columns())
	default:
		return nil, pgerr.New(pgerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	return p, nil
}

// paramTypes returns the types that the client declared; 0 is to be inferred.
func paramTypes(oids []uint32) ([]types.Type, error) {
	if len(oids) == 0 {
		return nil, nil
	}
	out := make([]types.Type, len(oids))
	for i, oid := range oids {
		t, ok := types.T(types.Unknown), true
		if oid != 0 {
			t, ok = types.ByOID(oid)
		}
		if !ok {
			return nil, pgerr.New(pgerr.UndefinedObject, "type with OID %d of parameter $%d does not exist", oid, i+1)
		}
		out[i] = t
	}
	return out, nil
}

func (c *conn) onBind(m *pgproto3.Bind) error {
	prep := c.statement(m.PreparedStatement)
	if prep == nil {
		return c.fail(noStatement(m.PreparedStatement), "")
	}
	p, err := c.bind(prep, m)
	if err != nil {
		return c.fail(err, prep.text)
	}
	if m.DestinationPortal != "" {
		c.portals[m.DestinationPortal] = p
	}
	c.out.buf = appendBindComplete(c.out.buf)
	return nil
}

func noStatement(name string) error {
	if name == "" {
		return pgerr.New(pgerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
	}
	return pgerr.New(pgerr.InvalidSQLStatementName, "prepared statement %q does not exist", name)
}

func noPortal(name string) error {
	return pgerr.New(pgerr.InvalidCursorName, "portal %q does not exist", name)
}

// bind makes a portal; the unnamed one is replaced.
func (c *conn) bind(prep *prepared, m *pgproto3.Bind) (*portal, error) {
	p := &c.unnamed
	if m.DestinationPortal == "" {
		p.close()
	} else {
		if err := c.checkPortalName(m.DestinationPortal); err != nil {
			return nil, err
		}
		p = &portal{}
	}
	if err := checkFormats(prep, m); err != nil {
		return nil, err
	}
	args, err := c.arguments(prep.params(), m)
	if err != nil {
		return nil, err
	}
	p.prep, p.args = prep, args
	p.formats = append(p.formats[:0], m.ResultFormatCodes...)
	return p, nil
}

// checkPortalName: portals and SQL cursors share one name space.
func (c *conn) checkPortalName(name string) error {
	_, isCursor := c.sess.Cursor(name)
	if isCursor || c.portals[name] != nil {
		return pgerr.New(pgerr.DuplicateCursor, "portal %q already exists", name)
	}
	if len(c.portals) >= portalsMax {
		return pgerr.New(pgerr.ConfigurationLimitExceeded, "too many open portals in a session (%d)", portalsMax)
	}
	return nil
}

func checkFormats(prep *prepared, m *pgproto3.Bind) error {
	params := prep.params()
	if n := len(m.ParameterFormatCodes); n > 1 && n != len(m.Parameters) {
		return pgerr.New(pgerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", n, len(m.Parameters))
	}
	if len(m.Parameters) != len(params) {
		return pgerr.New(pgerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d",
			len(m.Parameters), prep.name, len(params))
	}
	if n := len(m.ResultFormatCodes); prep.kind() == session.Rows && n > 1 && n != len(prep.st.Columns()) {
		return pgerr.New(pgerr.ProtocolViolation, "bind message has %d result formats but query has %d columns", n, len(prep.st.Columns()))
	}
	for _, codes := range [][]int16{m.ParameterFormatCodes, m.ResultFormatCodes} {
		for _, code := range codes {
			if code != 0 && code != 1 {
				return pgerr.New(pgerr.InvalidParameterValue, "unsupported format code: %d", code)
			}
		}
	}
	return nil
}

// arguments decodes the parameters. Nothing of them aliases the message.
func (c *conn) arguments(params []types.Type, m *pgproto3.Bind) ([]types.Value, error) {
	if len(params) == 0 {
		return nil, nil
	}
	args := make([]types.Value, len(params))
	for i, raw := range m.Parameters {
		var err error
		switch {
		case raw == nil:
			args[i] = types.Null
		case formatOf(m.ParameterFormatCodes, i) == 1:
			args[i], err = binaryArgument(params[i], raw)
		default:
			args[i], err = c.textArgument(params[i], raw)
		}
		if err != nil {
			return nil, err
		}
	}
	return args, nil
}

// binaryArgument decodes integers and strings here, where most parameters are, and leaves the rest to types.
func binaryArgument(t types.Type, raw []byte) (types.Value, error) {
	switch {
	case t.Kind == types.Int8 && len(raw) == 8:
		return types.Value{I: int64(binary.BigEndian.Uint64(raw))}, nil
	case t.Kind == types.Int4 && len(raw) == 4:
		return types.Value{I: int64(int32(binary.BigEndian.Uint32(raw)))}, nil
	case isPlainText(t):
		return textValue(raw)
	}
	return types.ParseBinary(t, bytes.Clone(raw))
}

func (c *conn) textArgument(t types.Type, raw []byte) (types.Value, error) {
	if isPlainText(t) {
		return textValue(raw)
	}
	if err := checkText(raw); err != nil {
		return types.Null, err
	}
	return types.ParseText(t, string(raw), c.sess.Format())
}

// isPlainText reports types whose value is the text as sent.
func isPlainText(t types.Type) bool {
	return t.Kind == types.Text || t.Kind == types.Unknown || t.Kind == types.Varchar && t.Prec == 0
}

func textValue(raw []byte) (types.Value, error) {
	if err := checkText(raw); err != nil {
		return types.Null, err
	}
	return types.BytesValue(bytes.Clone(raw)), nil
}

func (c *conn) onDescribe(m *pgproto3.Describe) error {
	switch m.ObjectType {
	case 'S':
		return c.describeStatement(m.Name)
	case 'P':
		return c.describePortal(m.Name)
	}
	return pgerr.New(pgerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType)
}

func (c *conn) describeStatement(name string) error {
	p := c.statement(name)
	if p == nil {
		return c.fail(noStatement(name), "")
	}
	c.out.buf = appendParameterDescription(c.out.buf, p.params())
	c.describeRows(p, nil)
	return nil
}

func (c *conn) describePortal(name string) error {
	if p := c.portal(name); p != nil {
		c.describeRows(p.prep, p.formats)
		return nil
	}
	cols, ok := c.sess.Cursor(name)
	if !ok {
		return c.fail(noPortal(name), "")
	}
	c.out.buf = appendRowDescription(c.out.buf, cols, nil)
	return nil
}

func (c *conn) describeRows(p *prepared, formats []int16) {
	if p.kind() != session.Rows {
		c.out.buf = appendNoData(c.out.buf)
		return
	}
	c.out.buf = appendRowDescription(c.out.buf, p.st.Columns(), formats)
}

func (c *conn) onExecute(m *pgproto3.Execute) error {
	p := c.portal(m.Portal)
	if p == nil {
		return c.fail(noPortal(m.Portal), "")
	}
	if p.prep.st == nil {
		c.out.buf = appendEmptyQuery(c.out.buf)
		return nil
	}
	ctx := c.begin()
	defer c.finish()
	if err := c.execute(ctx, p, m); err != nil {
		return c.fail(err, p.prep.text)
	}
	return nil
}

// execute runs a portal, or goes on with one that its row limit has suspended.
func (c *conn) execute(ctx context.Context, p *portal, m *pgproto3.Execute) error {
	kind := p.prep.kind()
	if p.stream.res == nil {
		res, err := c.sess.Execute(ctx, p.prep.st, p.args)
		if err != nil {
			return err
		}
		p.stream.res = res
		p.args = nil
		if kind == session.Rows {
			if n := len(res.Columns()); len(p.formats) > 1 && n != len(p.formats) {
				return pgerr.New(pgerr.FeatureNotSupported, "cached plan must not change result type")
			}
			p.rows.reset(res.Columns(), p.formats, c.sess.Format())
		}
	} else if kind != session.Rows {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "portal %q cannot be run", m.Portal)
	}
	sent, err := c.sendResult(ctx, kind, &p.stream, &p.rows, int64(m.MaxRows))
	if err != nil {
		return err
	}
	if kind == session.Rows && !p.stream.done {
		c.out.buf = appendPortalSuspended(c.out.buf)
		return nil
	}
	c.complete(p.stream.res.Tag(), sent)
	return nil
}

func (c *conn) onClose(m *pgproto3.Close) error {
	switch m.ObjectType {
	case 'S':
		if m.Name == "" {
			c.anonymous = nil
		}
		delete(c.statements, m.Name)
	case 'P':
		if p := c.portal(m.Name); p != nil {
			p.close()
			delete(c.portals, m.Name)
		}
	default:
		return pgerr.New(pgerr.ProtocolViolation, "invalid CLOSE message subtype %d", m.ObjectType)
	}
	c.out.buf = appendCloseComplete(c.out.buf)
	return nil
}

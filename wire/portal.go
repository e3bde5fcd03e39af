package wire

import (
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// prepared is a statement made by Parse.
type prepared struct {
	name string
	text string            // as sent: error positions count in it
	st   session.Statement // nil: the text held no statement
}

// kind returns the statement's kind; an empty one is a command.
func (p *prepared) kind() session.Kind {
	if p.st == nil {
		return session.Command
	}
	return p.st.Kind()
}

func (p *prepared) params() []types.Type {
	if p.st == nil {
		return nil
	}
	return p.st.Params()
}

// portal is a bound statement and, once executed, its result.
type portal struct {
	prep    *prepared // nil: the portal is closed
	args    []types.Value
	formats []int16 // of the result's columns
	stream  rowStream
	rows    rowEncoder
}

// close ends the portal. What its buffers hold stays for the next Bind of an unnamed one.
func (p *portal) close() {
	if p.stream.res != nil {
		p.stream.res.Close()
	}
	p.prep, p.args, p.stream = nil, nil, rowStream{}
	p.rows.release()
}

// statement returns the prepared statement of that name; nil: there is none.
func (c *conn) statement(name string) *prepared {
	if name == "" {
		return c.anonymous
	}
	return c.statements[name]
}

// portal returns the open portal of that name; nil: there is none.
func (c *conn) portal(name string) *portal {
	if name != "" {
		return c.portals[name]
	}
	if c.unnamed.prep == nil {
		return nil
	}
	return &c.unnamed
}

func (c *conn) closePortals() {
	c.unnamed.close()
	for name, p := range c.portals {
		p.close()
		delete(c.portals, name)
	}
}

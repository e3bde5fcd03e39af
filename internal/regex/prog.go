package regex

// instructionsMax bounds what all programs of a pattern have together; PostgreSQL's bound is 100000 states and 150 MB.
const instructionsMax = 200_000

type instrOp uint8

const (
	iSet instrOp = iota
	iSplit
	iAssert
	iLook
	iMatch
)

// instr is an instruction of an NFA; the next is x, of a split y too.
type instr struct {
	op   instrOp
	at   assertion
	x, y int32
	set  *charSet
	look *look
}

// look is a look-around: its program, and what is known of positions.
type look struct {
	not, behind bool
	prog        *program
	known       []int8 // by position: 0 not asked, 1 no, 2 yes
}

// program is the NFA of a part.
type program struct {
	code  []instr
	start int32
}

// compiler makes programs and counts their instructions.
type compiler struct {
	left  int // instructions that may still be made
	looks []*look
}

// program compiles n.
func (c *compiler) program(n *node) *program {
	p := &program{}
	end := c.emit(p, instr{op: iMatch})
	p.start = c.node(p, n, end)
	return p
}

func (c *compiler) emit(p *program, i instr) int32 {
	if c.left--; c.left >= 0 {
		p.code = append(p.code, i)
	}
	return int32(len(p.code) - 1)
}

// node compiles n with its quantifier; what follows it is next. The result is where it begins.
func (c *compiler) node(p *program, n *node, next int32) int32 {
	if c.left < 0 {
		return next
	}
	switch {
	case n.max == infinite:
		loop := c.emit(p, instr{op: iSplit, y: next})
		body := c.atom(p, n, loop)
		if c.left < 0 {
			return next
		}
		p.code[loop].x = body
		next = loop
	default:
		for range n.max - n.min {
			body := c.atom(p, n, next)
			next = c.emit(p, instr{op: iSplit, x: body, y: next})
			// A round that may be left out leads behind all of them through the splits of the next ones.
		}
	}
	for range n.min {
		next = c.atom(p, n, next)
	}
	return next
}

// atom compiles n once.
func (c *compiler) atom(p *program, n *node, next int32) int32 {
	switch n.op {
	case opSet:
		return c.emit(p, instr{op: iSet, set: n.set, x: next})
	case opAssert:
		return c.emit(p, instr{op: iAssert, at: n.at, x: next})
	case opLook:
		l := &look{not: n.not, behind: n.behind, prog: c.program(n.subs[0])}
		c.looks = append(c.looks, l)
		return c.emit(p, instr{op: iLook, look: l, x: next})
	case opBackref: // what the group could match; the dissection compares
		return c.atom(p, n.target, next)
	case opGroup:
		return c.node(p, n.subs[0], next)
	case opCat:
		for i := len(n.subs) - 1; i >= 0; i-- {
			next = c.node(p, n.subs[i], next)
		}
		return next
	case opAlt:
		begin := c.atom(p, n.subs[len(n.subs)-1], next)
		for i := len(n.subs) - 2; i >= 0; i-- {
			begin = c.emit(p, instr{op: iSplit, x: c.atom(p, n.subs[i], next), y: begin})
		}
		return begin
	}
	return next
}

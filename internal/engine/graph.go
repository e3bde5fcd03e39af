package engine

import (
	"fmt"
	"runtime/debug"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/operators"
)

// node is one operator in the graph. Its ids grow in creation order, and an edge only ever leads from an older node to
// a newer one: id order is a topological order.
type node struct {
	id       uint64
	owner    owner // who fails when the operator does
	op       operators.Operator
	label    string
	stateful bool // its tables must see every change, whether or not anything listens to its output
	edges    []edge
	wanted   bool // something listens to the output; fixed within a tick
	dirty    bool // was pushed to in this tick, so it is flushed
}

// edge leads a node's output to another node's port. cols picks columns; nil takes them all.
type edge struct {
	to   *node
	port int
	cols []int
}

// owner is what a node belongs to: a relation, or a push query. Its failure stays its own: the rest of the graph goes on.
type owner interface {
	fail(err error)
	isFailed() bool
}

// Emit hands a batch to every listener. node is its own operator's Emitter.
func (n *node) Emit(b *batch.Batch) error {
	if b == nil || b.Rows() == 0 {
		return nil
	}
	for i := range n.edges {
		e := &n.edges[i]
		if !e.to.takes() {
			continue
		}
		in := b
		if e.cols != nil {
			in = b.Project(e.cols)
		}
		if e.to.owner == n.owner {
			if err := e.to.push(e.port, in); err != nil {
				return err
			}
			continue
		}
		e.to.pushGuarded(e.port, in)
	}
	return nil
}

// Wanted reports whether anything listens.
func (n *node) Wanted() bool { return n.wanted }

// takes reports whether the node has a use for input.
func (n *node) takes() bool { return n.stateful || n.wanted }

func (n *node) push(port int, b *batch.Batch) error {
	n.dirty = true
	if err := n.op.Push(port, b, n); err != nil {
		return fmt.Errorf("%s: %w", n.label, err)
	}
	return nil
}

// pushGuarded pushes across the border between two owners.
func (n *node) pushGuarded(port int, b *batch.Batch) {
	if n.owner.isFailed() {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			n.owner.fail(panicError(p))
		}
	}()
	if err := n.push(port, b); err != nil {
		n.owner.fail(err)
	}
}

func (n *node) flush(t operators.Tick) error {
	if err := n.op.Flush(t, n); err != nil {
		return fmt.Errorf("%s: %w", n.label, err)
	}
	return nil
}

// panicError is a recovered panic as an internal error, with its stack for the log.
func panicError(p any) error {
	return &pgerr.Error{Code: pgerr.InternalError, Msg: fmt.Sprintf("internal error: %v", p), Pos: pgerr.NoPos,
		Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
}

// link adds an edge. Callers recompute demand (refreshWanted) before the next push.
func (n *node) link(to *node, port int, cols []int) {
	n.edges = append(n.edges, edge{to: to, port: port, cols: cols})
}

// unlink removes all edges to the given nodes.
func (n *node) unlink(gone map[*node]bool) {
	n.edges = slices.DeleteFunc(n.edges, func(e edge) bool { return gone[e.to] })
}

// refreshWanted recomputes which nodes have listeners. nodes are in id order; sinks (consumers) are stateful nodes.
func refreshWanted(nodes []*node) {
	for i := len(nodes) - 1; i >= 0; i-- {
		n := nodes[i]
		n.wanted = false
		for _, e := range n.edges {
			n.wanted = n.wanted || e.to.takes()
		}
	}
}

// flush ends a tick for the nodes that were pushed to, in topological order.
func flush(nodes []*node, t operators.Tick) error {
	for _, n := range nodes {
		if !n.dirty {
			continue
		}
		n.dirty = false
		if err := n.flush(t); err != nil {
			return err
		}
	}
	return nil
}

// pass is an operator that forwards its input: a scan's door, and a place to hang edges on.
type pass struct{}

func (pass) Push(_ int, in *batch.Batch, out operators.Emitter) error { return out.Emit(in) }
func (pass) Flush(operators.Tick, operators.Emitter) error            { return nil }

// collect gathers what it is pushed: the end of a pull query, a tap on a live relation, a subscriber's input of one
// tick. take hands the batches over.
type collect struct {
	batches []*batch.Batch
	rows    int
}

func (c *collect) Push(_ int, in *batch.Batch, _ operators.Emitter) error {
	c.batches = append(c.batches, in)
	c.rows += in.Rows()
	return nil
}

func (c *collect) Flush(operators.Tick, operators.Emitter) error { return nil }

func (c *collect) take() []*batch.Batch {
	b := c.batches
	c.batches, c.rows = nil, 0
	return b
}

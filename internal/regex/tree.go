package regex

// treeOp is how a part of the tree is dissected.
type treeOp uint8

const (
	leaf treeOp = iota // nothing in it needs to be told apart
	concat
	alternate
	iterate
	capture
	backref
)

// The flags of a part: its preference, and what must be told apart in it.
const (
	flagMixed   uint16 = 4  // parts that prefer the longest and the shortest
	flagGroup   uint16 = 8  // groups
	flagBackref uint16 = 16 // back references
	prefMask           = prefLong | prefShort
	messyMask          = flagMixed | flagGroup | flagBackref
)

// up is what flags say of the part around: preferences do not go up, but that there were both does.
func up(f uint16) uint16 { return f&^prefMask | (f&prefLong)<<2&((f&prefShort)<<1)&flagMixed }

// combine is the flags of two parts in a row: the first preference counts.
func combine(a, b uint16) uint16 {
	pref := a & prefMask
	if pref == 0 {
		pref = b & prefMask
	}
	return up(a|b) | pref
}

// tree is a part of a pattern that is matched as one. It is built as Spencer's compiler builds its own: which parts are
// apart decides how a match is dissected.
type tree struct {
	op          treeOp
	flags       uint16
	left, right *tree   // concat; left: capture, iterate
	kids        []*tree // alternate
	group       int     // capture: its number; backref: whose
	min, max    int     // iterate, backref
	node        *node   // what the part matches, for its program
	prog        *program
}

func (t *tree) shortest() bool { return t.flags&prefShort != 0 }

// sequence is a node of parts in a row.
func sequence(subs ...*node) *node { return one(&node{op: opCat, subs: subs}) }

func treeOf(alt *node) *tree {
	if len(alt.subs) == 1 {
		return branchTree(alt.subs[0].subs)
	}
	t := &tree{op: alternate, flags: prefLong, node: plain(alt)}
	for _, b := range alt.subs {
		k := branchTree(b.subs)
		t.kids = append(t.kids, k)
		t.flags |= up(t.flags | k.flags)
	}
	if t.flags&messyMask == 0 {
		t.op, t.kids = leaf, nil
	}
	return t
}

// plain is n once, without its quantifier.
func plain(n *node) *node {
	m := *n
	return one(&m)
}

// branchTree builds the tree of parts in a row: those up to the first that must be told apart are one leaf.
func branchTree(items []*node) *tree {
	top := &tree{op: leaf, node: sequence(items...)}
	for i, n := range items {
		if n.min == 0 && n.max == 0 {
			continue
		}
		atom := atomTree(n)
		f := top.flags | n.pref | atom.flags
		if n.group == 0 && n.op != opBackref && up(f)&messyMask == 0 {
			top.flags = f
			continue
		}
		part := quantified(n, atom)
		rest := &tree{op: concat, left: part, node: sequence(items[i:]...), flags: combine(n.pref, atom.flags)}
		rest.right = branchTree(items[i+1:])
		rest.flags |= combine(rest.flags, rest.right.flags)
		return &tree{op: concat, left: &tree{op: leaf, flags: top.flags, node: sequence(items[:i]...)}, right: rest, node: top.node,
			flags: top.flags | combine(top.flags, rest.flags)}
	}
	return top
}

// atomTree is the tree of n without its quantifier.
func atomTree(n *node) *tree {
	switch n.op {
	case opBackref:
		return &tree{op: backref, flags: flagBackref, group: n.group, min: 1, max: 1, node: plain(n)}
	case opGroup:
		t := treeOf(n.subs[0])
		if n.group == 0 {
			return t
		}
		return &tree{op: capture, flags: t.flags | flagGroup, group: n.group, left: t, node: plain(n)}
	}
	return &tree{op: leaf, node: plain(n)}
}

// quantified applies n's quantifier to the tree of its atom.
func quantified(n *node, atom *tree) *tree {
	f := combine(n.pref, atom.flags)
	times := func(lo, hi int) *node {
		m := *n
		m.min, m.max = lo, hi
		return &m
	}
	switch {
	case n.op == opBackref:
		atom.min, atom.max, atom.node = n.min, n.max, n
		atom.flags |= f
		return atom
	case n.min == 1 && n.max == 1 && (n.pref == prefNone || atom.flags&(prefMask|flagMixed) == 0 || n.pref == atom.flags&(prefMask|flagMixed)):
		return atom
	case atom.flags&(flagGroup|flagBackref) == 0:
		return &tree{op: leaf, flags: f, node: n}
	case n.min > 0 && atom.flags&flagBackref == 0:
		// Only the last round's groups count: all before it is a leaf.
		hi := n.max
		if hi != infinite {
			hi--
		}
		return &tree{op: concat, flags: f, node: n, right: atom, left: &tree{op: leaf, flags: f & prefMask, node: times(n.min-1, hi)}}
	}
	return &tree{op: iterate, flags: f, node: n, left: atom, min: n.min, max: n.max}
}

// forget clears the groups within t.
func (t *tree) forget(m []int) {
	if t == nil {
		return
	}
	if t.op == capture {
		m[2*t.group], m[2*t.group+1] = -1, -1
	}
	t.left.forget(m)
	t.right.forget(m)
	for _, k := range t.kids {
		k.forget(m)
	}
}

package jsonpath

import (
	"cmp"
	"strings"

	"streamsql/internal/types"
)

// truth is the three-valued result of a predicate.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// predicate evaluates a predicate for it. Only errors that no predicate catches come back.
func (x *run) predicate(n *types.PathNode, it Item) (truth, error) {
	switch n.Op {
	case types.PathAnd, types.PathOr:
		return x.both(n, it)
	case types.PathNot:
		t, err := x.predicate(n.Left, it)
		if t != unknown {
			t = yes - t
		}
		return t, err
	case types.PathIsUnknown:
		t, err := x.predicate(n.Left, it)
		return truthOf(t == unknown), err
	case types.PathExists:
		return x.exists(n, it)
	case types.PathStartsWith:
		return x.compare(n, n.Right, it, false, func(a, b Item) (truth, error) {
			if !a.is(types.JSONString) || !b.is(types.JSONString) {
				return unknown, nil
			}
			return truthOf(strings.HasPrefix(a.JSON.Str, b.JSON.Str)), nil
		})
	case types.PathLikeRegex:
		return x.likeRegex(n, it)
	}
	return x.compare(n, n.Right, it, true, func(a, b Item) (truth, error) { return x.order(n.Op, a, b) })
}

func (x *run) both(n *types.PathNode, it Item) (truth, error) {
	stop := truthOf(n.Op == types.PathOr)
	a, err := x.predicate(n.Left, it)
	if err != nil || a == stop {
		return a, err
	}
	b, err := x.predicate(n.Right, it)
	if b == yes-stop {
		return a, err
	}
	return b, err
}

// caught makes an error that a predicate turns into unknown of a soft one.
func caught(err error) (bool, error) {
	if _, ok := err.(softError); ok {
		return true, nil
	}
	return false, err
}

func (x *run) exists(n *types.PathNode, it Item) (truth, error) {
	if !x.lax {
		found, err := x.operand(n.Left, it, false)
		if soft, err := caught(err); soft || err != nil {
			return unknown, err
		}
		return truthOf(len(found) > 0), nil
	}
	ok, err := x.item(n.Left, it, nil)
	if soft, err := caught(err); soft || err != nil {
		return unknown, err
	}
	return truthOf(ok), nil
}

// compare asks test of every pair of what both sides give (a nil right side: of every left item). In lax mode the first
// true decides, in strict mode an unknown does.
func (x *run) compare(n, right *types.PathNode, it Item, unwrapRight bool, test func(a, b Item) (truth, error)) (truth, error) {
	as, err := x.operand(n.Left, it, true)
	if soft, err := caught(err); soft || err != nil {
		return unknown, err
	}
	bs := []Item{{}}
	if right != nil {
		bs, err = x.operand(right, it, unwrapRight)
		if soft, err := caught(err); soft || err != nil {
			return unknown, err
		}
	}
	failed, found := false, false
	for _, a := range as {
		for _, b := range bs {
			t, err := test(a, b)
			switch {
			case err != nil:
				return unknown, err
			case t == unknown && !x.lax:
				return unknown, nil
			case t == unknown:
				failed = true
			case t == yes && x.lax:
				return yes, nil
			case t == yes:
				found = true
			}
		}
	}
	switch {
	case found:
		return yes, nil
	case failed:
		return unknown, nil
	}
	return no, nil
}

// order compares two items; those that are no scalars of one kind are not comparable, but null differs from all.
func (x *run) order(op types.PathOp, a, b Item) (truth, error) {
	c := 0
	switch {
	case a.JSON == nil && b.JSON == nil:
		var known bool
		var err error
		if c, known, err = x.compareTimes(a, b); err != nil || !known {
			return unknown, err
		}
	case a.JSON == nil || b.JSON == nil || a.JSON.Kind != b.JSON.Kind:
		if a.is(types.JSONNull) || b.is(types.JSONNull) {
			return truthOf(op == types.PathNotEqual), nil
		}
		return unknown, nil
	default:
		switch a.JSON.Kind {
		case types.JSONString:
			c = cmp.Compare(a.JSON.Str, b.JSON.Str)
		case types.JSONNumber:
			c = a.JSON.Num.Cmp(b.JSON.Num)
		case types.JSONBool:
			c = types.Compare(types.T(types.Bool), types.BoolValue(a.JSON.Bool), types.BoolValue(b.JSON.Bool))
		case types.JSONArray, types.JSONObject:
			return unknown, nil
		}
	}
	switch op {
	case types.PathEqual:
		return truthOf(c == 0), nil
	case types.PathNotEqual:
		return truthOf(c != 0), nil
	case types.PathLess:
		return truthOf(c < 0), nil
	case types.PathLessEqual:
		return truthOf(c <= 0), nil
	case types.PathGreater:
		return truthOf(c > 0), nil
	}
	return truthOf(c >= 0), nil
}

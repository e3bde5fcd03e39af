package expr

import "streamsql/internal/types"

// candidate is an overload with its argument types laid out for one call (variadic expanded).
type candidate struct {
	f    *Func
	args []types.Type // may hold pseudo-types
}

// layout returns f's argument types for a call of n arguments, or nil if f cannot take n.
func layout(args []types.Type, variadic bool, n int) []types.Type {
	if !variadic {
		if len(args) != n {
			return nil
		}
		return args
	}
	fixed := len(args) - 1
	if n < fixed+1 {
		return nil
	}
	out := append(make([]types.Type, 0, n), args[:fixed]...)
	for len(out) < n {
		out = append(out, args[fixed])
	}
	return out
}

// pick chooses among candidates by PostgreSQL's rules for the actual types in; Unknown marks an untyped literal.
// ambiguous is set when several remain.
func pick(cs []candidate, in []types.Type) (best *candidate, ambiguous bool) {
	for i := range cs {
		if exact(cs[i].args, in) {
			return &cs[i], false
		}
	}
	var fit []candidate
	for _, c := range cs {
		if fits(c, in) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil, false
	}
	if len(fit) > 1 {
		fit = selectCandidate(fit, in)
	}
	if len(fit) != 1 {
		return nil, true
	}
	return &fit[0], false
}

func exact(args, in []types.Type) bool {
	for i := range args {
		if !same(in[i], args[i]) {
			return false
		}
	}
	return true
}

func fits(c candidate, in []types.Type) bool {
	poly := false
	for i, a := range c.args {
		if !coercible(in[i], a) {
			return false
		}
		poly = poly || isPseudo(a) || hasVars(a)
	}
	if poly {
		_, _, ok := instantiate(c.args, c.f.Result, in)
		return ok || undetermined(c.args, in)
	}
	return true
}

// undetermined reports that all polymorphic arguments are untyped literals: the call fits, and makeCall says 42804.
func undetermined(args, in []types.Type) bool {
	for i, a := range args {
		if isPseudo(a) && in[i].Kind != types.Unknown {
			return false
		}
	}
	return true
}

// selectCandidate is func_select_candidate of PostgreSQL's parse_func.c.
func selectCandidate(cs []candidate, in []types.Type) []candidate {
	unknowns := 0
	for _, t := range in {
		if t.Kind == types.Unknown {
			unknowns++
		}
	}
	cs = keepBest(cs, func(c candidate) (n int) {
		for i, t := range in {
			if t.Kind != types.Unknown && same(t, c.args[i]) {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 {
		return cs
	}
	cs = keepBest(cs, func(c candidate) (n int) {
		for i, t := range in {
			if t.Kind == types.Unknown {
				continue
			}
			if same(t, c.args[i]) || category(c.args[i]) == category(t) && preferred(c.args[i]) {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 || unknowns == 0 {
		return cs
	}
	if by := selectByCategory(cs, in); len(by) > 0 {
		cs = by
	}
	if len(cs) == 1 {
		return cs
	}
	return selectBySameType(cs, in, unknowns)
}

func keepBest(cs []candidate, score func(candidate) int) []candidate {
	best, kept := -1, []candidate(nil)
	for _, c := range cs {
		switch n := score(c); {
		case n > best:
			best, kept = n, []candidate{c}
		case n == best:
			kept = append(kept, c)
		}
	}
	return kept
}

// selectByCategory decides a category for every untyped argument: string if some candidate takes one there, else the
// one all candidates agree on; then drops candidates of other categories, or not preferred where some is.
func selectByCategory(cs []candidate, in []types.Type) []candidate {
	cats, prefs := make([]byte, len(in)), make([]bool, len(in))
	for i, t := range in {
		if t.Kind != types.Unknown {
			continue
		}
		conflict := false
		for _, c := range cs {
			cat, pref := category(c.args[i]), preferred(c.args[i])
			switch {
			case cats[i] == 0 || cat == 'S' && cats[i] != 'S':
				cats[i], prefs[i] = cat, pref
			case cat == cats[i]:
				prefs[i] = prefs[i] || pref
			default:
				conflict = cats[i] != 'S'
			}
		}
		if conflict && cats[i] != 'S' {
			return nil
		}
	}
	var kept []candidate
next:
	for _, c := range cs {
		for i, t := range in {
			if t.Kind == types.Unknown && (category(c.args[i]) != cats[i] || prefs[i] && !preferred(c.args[i])) {
				continue next
			}
		}
		kept = append(kept, c)
	}
	return kept
}

// selectBySameType assumes that untyped arguments have the one type all typed arguments share.
func selectBySameType(cs []candidate, in []types.Type, unknowns int) []candidate {
	if unknowns == len(in) {
		return cs
	}
	var known *types.Type
	for i := range in {
		if in[i].Kind == types.Unknown {
			continue
		}
		if known != nil && !same(*known, in[i]) {
			return cs
		}
		known = &in[i]
	}
	var kept []candidate
	all := make([]types.Type, len(in))
	for i := range all {
		all[i] = *known
	}
	for _, c := range cs {
		if fits(c, all) {
			kept = append(kept, c)
		}
	}
	if len(kept) == 1 {
		return kept
	}
	return cs
}

// instantiate replaces pseudo-types by what the actual types in make of them. Untyped literals take the type the
// others settle; ok is false if the actual types contradict each other or settle nothing.
func instantiate(args []types.Type, result types.Type, in []types.Type) (out []types.Type, res types.Type, ok bool) {
	if anyVars(args) {
		return instantiateVars(args, result, in)
	}
	var elem, compat *types.Type
	out = make([]types.Type, len(args))
	for i, a := range args {
		t := base(in[i])
		out[i] = a
		if !isPseudo(a) || t.Kind == types.Unknown {
			continue
		}
		if a.Kind == kindArray || a.Kind == kindCompatArr {
			if t.Kind != types.Array {
				return nil, res, false
			}
			t = *t.Elem
		}
		switch a.Kind {
		case kindElem, kindArray, kindNonArray:
			if elem != nil && !same(*elem, t) {
				return nil, res, false
			}
			elem = &t
		case kindCompat, kindCompatArr:
			if compat == nil {
				compat = &t
			} else if u, ok := widen(*compat, t); ok {
				compat = &u
			} else {
				return nil, res, false
			}
		}
	}
	for i := range out {
		if out[i], ok = settle(out[i], base(in[i]), elem, compat); !ok {
			return nil, res, false
		}
	}
	res, ok = settle(result, types.T(types.Text), elem, compat)
	return out, res, ok
}

// settle gives the concrete type of one pseudo-type.
func settle(t, in types.Type, elem, compat *types.Type) (types.Type, bool) {
	switch t.Kind {
	case kindAny:
		if in.Kind == types.Unknown {
			return types.T(types.Text), true
		}
		return in, true
	case kindElem, kindNonArray:
		if elem == nil {
			return t, false
		}
		return *elem, true
	case kindArray:
		if elem == nil {
			return t, false
		}
		return types.ArrayOf(*elem), true
	case kindCompat:
		if compat == nil {
			return types.T(types.Text), true
		}
		return *compat, true
	case kindCompatArr:
		if compat == nil {
			return types.ArrayOf(types.T(types.Text)), true
		}
		return types.ArrayOf(*compat), true
	}
	return t, true
}

// widen is the step of CommonType: the type of a and b that the other casts to implicitly.
func widen(a, b types.Type) (types.Type, bool) {
	if same(a, b) {
		return a, true
	}
	if category(a) != category(b) {
		return a, false
	}
	if !preferred(a) && coercible(a, b) && !coercible(b, a) {
		return b, true
	}
	return a, coercible(b, a)
}

package jsonpath

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// The SQLSTATEs of SQL/JSON that nobody else needs.
const (
	badDatetime      = "22031"
	badSubscript     = "22033"
	nonNumericItem   = "22036"
	singletonNeeded  = "22038"
	arrayNotFound    = "22039"
	memberNotFound   = "2203A"
	numberNotFound   = "2203B"
	objectNotFound   = "2203C"
	generatedBaseGap = 10_000_000_000 // between the ids of two base objects in keyvalue()
)

// Options are the circumstances of a run.
type Options struct {
	Vars   *types.JSONValue // an object, or nil
	Silent bool             // errors give what was found so far instead of being thrown
	UseTZ  bool             // the time zone of Format may be used to compare times with and without zone
	Format *types.Format    // nil: types.DefaultFormat
	// Template reads text by a template of to_timestamp, for .datetime(template).
	Template func(text, template string) (Moment, error)
}

// Run returns the items that p finds in doc. With Silent an error ends the run and what was found stays.
func Run(p *types.Path, doc *types.JSONValue, o Options) ([]Item, error) {
	found := []Item{}
	_, err := newRun(p, doc, o).item(p.Root, Item{JSON: doc}, &found)
	return found, o.pass(err)
}

// Exists reports whether p finds anything; null when an error was silenced.
func Exists(p *types.Path, doc *types.JSONValue, o Options) (yes, null bool, err error) {
	x := newRun(p, doc, o)
	if x.lax {
		yes, err = x.item(p.Root, Item{JSON: doc}, nil)
	} else { // all items are wanted, to see that there is no error at all
		found := []Item{}
		_, err = x.item(p.Root, Item{JSON: doc}, &found)
		yes = len(found) > 0
	}
	if err != nil {
		return false, true, o.pass(err)
	}
	return yes, false, nil
}

// Match returns the one boolean that p gives; null for JSON's null, and for anything else when silent.
func Match(p *types.Path, doc *types.JSONValue, o Options) (yes, null bool, err error) {
	found, err := Run(p, doc, o)
	if err != nil {
		return false, true, err
	}
	if len(found) == 1 {
		switch {
		case found[0].is(types.JSONBool):
			return found[0].JSON.Bool, false, nil
		case found[0].is(types.JSONNull):
			return false, true, nil
		}
	}
	if o.Silent {
		return false, true, nil
	}
	return false, true, pgerr.New(singletonNeeded, "single boolean result is expected")
}

// pass drops an error that is to be silent.
func (o Options) pass(err error) error {
	if _, soft := err.(softError); err == nil || soft && o.Silent {
		return nil
	}
	if s, ok := err.(softError); ok {
		return s.err
	}
	return err
}

// softError is an error that Silent and predicates catch; others end the run.
type softError struct{ err *pgerr.Error }

func (s softError) Error() string { return s.err.Error() }

func soft(code, format string, args ...any) error {
	return softError{pgerr.New(code, format, args...)}
}

// run is the state of one evaluation.
type run struct {
	o       Options
	lax     bool
	lenient bool // structural errors are passed over
	root    Item
	current Item // @
	size    int  // of the innermost array that is subscripted, -1 outside
	base    base
	nextID  int // of generated objects
}

// base is the document that ids of keyvalue() count in.
type base struct {
	doc *types.JSONValue
	id  int
}

func newRun(p *types.Path, doc *types.JSONValue, o Options) *run {
	x := &run{o: o, lax: !p.Strict, lenient: !p.Strict, root: Item{JSON: doc}, size: -1, base: base{doc: doc}, nextID: 1}
	x.current = x.root
	if o.Vars != nil {
		x.nextID = 2
	}
	return x
}

// next goes on with what hangs on n, or ends here with it. found is nil when only whether there is an item counts.
func (x *run) next(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	if n != nil && n.Next != nil {
		return x.item(n.Next, it, found)
	}
	if found != nil {
		*found = append(*found, it)
	}
	return true, nil
}

// item evaluates n for it and reports whether there was a result.
func (x *run) item(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	return x.unwrapping(n, it, found, x.lax)
}

// unwrapping is item where arrays are spread before steps that are not for them, if unwrap.
func (x *run) unwrapping(n *types.PathNode, it Item, found *[]Item, unwrap bool) (bool, error) {
	switch n.Op {
	case types.PathNull, types.PathString, types.PathNumber, types.PathBool, types.PathVariable:
		return x.literal(n, found)
	case types.PathRoot:
		saved := x.base
		x.base = base{doc: x.root.JSON}
		ok, err := x.next(n, x.root, found)
		x.base = saved
		return ok, err
	case types.PathCurrent:
		return x.next(n, x.current, found)
	case types.PathLast:
		return x.next(n, number(types.DecFromInt(int64(x.size-1))), found)
	case types.PathAdd, types.PathSub, types.PathMul, types.PathDiv, types.PathMod:
		return x.arithmetic(n, it, found)
	case types.PathPlus, types.PathMinus:
		return x.signed(n, it, found)
	case types.PathAnyArray:
		return x.anyArray(n, it, found)
	case types.PathIndex:
		return x.index(n, it, found)
	case types.PathAny:
		return x.anyLevel(n, it, found)
	}
	if n.Op >= types.PathEqual {
		t, err := x.predicate(n, it)
		if err != nil || n.Next == nil && found == nil {
			return err == nil, err
		}
		if t == unknown {
			return x.next(n, Item{JSON: &types.JSONValue{}}, found)
		}
		return x.next(n, boolean(t == yes), found)
	}
	if _, array := it.array(); array && unwrap && n.Op != types.PathMethod || array && unwrap && n.Str != "type" && n.Str != "size" {
		return x.elements(n, it, found, false)
	}
	switch n.Op {
	case types.PathKey:
		return x.key(n, it, found)
	case types.PathAnyKey:
		return x.anyKey(n, it, found)
	case types.PathFilter:
		saved := x.current
		x.current = it
		t, err := x.predicate(n.Left, it)
		x.current = saved
		if err != nil || t != yes {
			return false, err
		}
		return x.next(n, it, found)
	case types.PathDatetime:
		return x.datetime(n, it, found)
	}
	return x.method(n, it, found)
}

func (x *run) literal(n *types.PathNode, found *[]Item) (bool, error) {
	if n.Next == nil && found == nil && n.Op != types.PathVariable {
		return true, nil
	}
	switch n.Op {
	case types.PathNumber:
		return x.next(n, number(n.Num), found)
	case types.PathString:
		return x.next(n, text(n.Str), found)
	case types.PathBool:
		return x.next(n, boolean(n.Bool), found)
	case types.PathNull:
		return x.next(n, Item{JSON: &types.JSONValue{}}, found)
	}
	if x.o.Vars != nil {
		for i := range x.o.Vars.Keys {
			if x.o.Vars.Keys[i] == n.Str {
				saved := x.base
				x.base = base{doc: x.o.Vars, id: 1}
				ok, err := x.next(n, Item{JSON: &x.o.Vars.Elems[i]}, found)
				x.base = saved
				return ok, err
			}
		}
	}
	return false, pgerr.New(pgerr.UndefinedObject, "could not find jsonpath variable \"%s\"", n.Str)
}

func (x *run) key(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	if it.is(types.JSONObject) {
		for i := len(it.JSON.Keys) - 1; i >= 0; i-- {
			if it.JSON.Keys[i] == n.Str {
				return x.next(n, Item{JSON: &it.JSON.Elems[i]}, found)
			}
		}
		if x.lenient {
			return false, nil
		}
		return false, soft(memberNotFound, "JSON object does not contain key \"%s\"", n.Str)
	}
	if x.lenient {
		return false, nil
	}
	return false, soft(memberNotFound, "jsonpath member accessor can only be applied to an object")
}

func (x *run) anyKey(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	if it.is(types.JSONObject) {
		return x.descend(n.Next, it, found, level{at: 1, first: 1, last: 1}, x.lax)
	}
	if x.lenient {
		return false, nil
	}
	return false, soft(objectNotFound, "jsonpath wildcard member accessor can only be applied to an object")
}

func (x *run) anyArray(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	if _, ok := it.array(); ok {
		return x.elements(n.Next, it, found, x.lax)
	}
	if x.lax {
		return x.next(n, it, found)
	}
	if x.lenient {
		return false, nil
	}
	return false, soft(arrayNotFound, "jsonpath wildcard array accessor can only be applied to an array")
}

// elements goes on with n (nil: ends) for every element of an array.
func (x *run) elements(n *types.PathNode, it Item, found *[]Item, unwrap bool) (bool, error) {
	return x.descend(n, it, found, level{at: 1, first: 1, last: 1}, unwrap)
}

// level says which levels below an item are wanted.
type level struct {
	at, first, last uint32
	lenient         bool
}

func (x *run) anyLevel(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	some := false
	if n.First == 0 {
		saved := x.lenient
		x.lenient = true
		ok, err := x.next(n, it, found)
		x.lenient = saved
		if err != nil || ok && found == nil {
			return ok, err
		}
		some = ok
	}
	if it.JSON == nil || it.JSON.Kind < types.JSONArray {
		return some, nil
	}
	return x.descend(n.Next, it, found, level{at: 1, first: n.First, last: n.Last, lenient: true}, x.lax)
}

// descend goes on with n for what lies in a container at the levels of l.
func (x *run) descend(n *types.PathNode, it Item, found *[]Item, l level, unwrap bool) (ok bool, err error) {
	if l.at > l.last {
		return false, nil
	}
	for i := range it.JSON.Elems {
		e := Item{JSON: &it.JSON.Elems[i]}
		inner := e.JSON.Kind >= types.JSONArray
		if l.at >= l.first || l.first == types.PathAnyLevel && l.last == types.PathAnyLevel && !inner {
			if ok, err = x.reached(n, e, found, l, unwrap); err != nil || ok && found == nil {
				return ok, err
			}
		}
		if l.at < l.last && inner {
			down := l
			down.at++
			if ok, err = x.descend(n, e, found, down, unwrap); err != nil || ok && found == nil {
				return ok, err
			}
		}
	}
	return ok, nil
}

func (x *run) reached(n *types.PathNode, e Item, found *[]Item, l level, unwrap bool) (bool, error) {
	if n == nil {
		return x.next(nil, e, found)
	}
	saved := x.lenient
	x.lenient = saved || l.lenient
	ok, err := x.unwrapping(n, e, found, unwrap)
	x.lenient = saved
	return ok, err
}

func (x *run) index(n *types.PathNode, it Item, found *[]Item) (ok bool, err error) {
	size, array := it.array()
	if !array && !x.lax {
		if x.lenient {
			return false, nil
		}
		return false, soft(arrayNotFound, "jsonpath array accessor can only be applied to an array")
	}
	if !array {
		size = 1
	}
	saved := x.size
	defer func() { x.size = saved }()
	for _, s := range n.Subs {
		x.size = size
		from, err := x.subscript(s.From, it)
		if err != nil {
			return false, err
		}
		to := from
		if s.To != nil {
			if to, err = x.subscript(s.To, it); err != nil {
				return false, err
			}
		}
		if !x.lenient && (from < 0 || from > to || to >= size) {
			return false, soft(badSubscript, "jsonpath array subscript is out of bounds")
		}
		ok = false
		for i := max(from, 0); i <= min(to, size-1); i++ {
			e := it
			if array {
				e = Item{JSON: &it.JSON.Elems[i]}
			}
			if n.Next == nil && found == nil {
				return true, nil
			}
			if ok, err = x.next(n, e, found); err != nil || ok && found == nil {
				return ok, err
			}
		}
	}
	return ok, nil
}

func (x *run) subscript(n *types.PathNode, it Item) (int, error) {
	var found []Item
	if _, err := x.item(n, it, &found); err != nil {
		return 0, err
	}
	if len(found) != 1 || !found[0].is(types.JSONNumber) {
		return 0, soft(badSubscript, "jsonpath array subscript is not a single numeric value")
	}
	v, err := types.Cast(types.T(types.Numeric), types.T(types.Int4), types.DecValue(found[0].JSON.Num.Trunc(0)), nil)
	if err != nil {
		return 0, soft(badSubscript, "jsonpath array subscript is out of integer range")
	}
	return int(v.I), nil
}

// operand evaluates n and, in lax mode, spreads the arrays among the results.
func (x *run) operand(n *types.PathNode, it Item, unwrap bool) ([]Item, error) {
	var found []Item
	_, err := x.item(n, it, &found)
	if err != nil || !unwrap || !x.lax {
		return found, err
	}
	var flat []Item
	for _, f := range found {
		if _, array := f.array(); !array {
			flat = append(flat, f)
			continue
		}
		for i := range f.JSON.Elems {
			flat = append(flat, Item{JSON: &f.JSON.Elems[i]})
		}
	}
	return flat, nil
}

func (x *run) arithmetic(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	var args [2]types.Dec
	left, err := x.operand(n.Left, it, true)
	if err != nil {
		return false, err
	}
	right, err := x.operand(n.Right, it, true)
	if err != nil {
		return false, err
	}
	for i, side := range [][]Item{left, right} {
		if len(side) != 1 || !side[0].is(types.JSONNumber) {
			return false, soft(singletonNeeded, "%s operand of jsonpath operator %s is not a single numeric value", [...]string{"left", "right"}[i], n.Op.Name())
		}
		args[i] = side[0].JSON.Num
	}
	d, err := compute(n.Op, args[0], args[1])
	if err != nil {
		return false, softError{pgerr.From(err)}
	}
	if n.Next == nil && found == nil {
		return true, nil
	}
	return x.next(n, number(d), found)
}

func compute(op types.PathOp, a, b types.Dec) (types.Dec, error) {
	switch op {
	case types.PathAdd:
		return a.Add(b), nil
	case types.PathSub:
		return a.Sub(b), nil
	case types.PathMul:
		return a.Mul(b), nil
	case types.PathDiv:
		return a.Div(b)
	}
	return a.Mod(b)
}

func (x *run) signed(n *types.PathNode, it Item, found *[]Item) (some bool, err error) {
	args, err := x.operand(n.Left, it, true)
	if err != nil {
		return false, err
	}
	for _, a := range args {
		if !a.is(types.JSONNumber) {
			if found == nil && n.Next == nil {
				continue
			}
			return false, soft(numberNotFound, "operand of unary jsonpath operator %s is not a numeric value", n.Op.Name())
		}
		if found == nil && n.Next == nil {
			return true, nil
		}
		d := a.JSON.Num
		if n.Op == types.PathMinus {
			d = d.Neg()
		}
		ok, err := x.next(n, number(d), found)
		if err != nil || ok && found == nil {
			return ok, err
		}
		some = some || ok
	}
	return some, nil
}

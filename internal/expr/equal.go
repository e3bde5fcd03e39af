package expr

import (
	"bytes"

	"streamsql/internal/types"
)

// EqualExpr reports whether a and b are the same expression: same nodes, same functions, same columns and constants.
// Names and positions, which change no result, are not compared.
func EqualExpr(a, b Expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	if !a.Type().Equal(b.Type()) || !equalNode(a, b) {
		return false
	}
	x, y := kids(a), kids(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !EqualExpr(x[i], y[i]) {
			return false
		}
	}
	return true
}

// equalNode compares the nodes themselves, without their arguments.
func equalNode(a, b Expr) bool {
	switch a := a.(type) {
	case *Column:
		b, ok := b.(*Column)
		return ok && a.Index == b.Index
	case *Const:
		b, ok := b.(*Const)
		return ok && sameValue(a.V, b.V)
	case *Param:
		b, ok := b.(*Param)
		return ok && a.N == b.N
	case *Outer:
		b, ok := b.(*Outer)
		return ok && a.ID == b.ID
	case *Call:
		b, ok := b.(*Call)
		return ok && a.Func == b.Func
	case *Cast:
		b, ok := b.(*Cast)
		return ok && a.Explicit == b.Explicit && a.Dialect == b.Dialect
	case *Logic:
		b, ok := b.(*Logic)
		return ok && a.Or == b.Or
	case *Not:
		_, ok := b.(*Not)
		return ok
	case *Is:
		b, ok := b.(*Is)
		return ok && a.What == b.What && a.Not == b.Not
	case *Case:
		_, ok := b.(*Case)
		return ok
	case *Coalesce:
		_, ok := b.(*Coalesce)
		return ok
	case *InList:
		b, ok := b.(*InList)
		return ok && a.Not == b.Not
	case *AnyAll:
		b, ok := b.(*AnyAll)
		return ok && a.Op == b.Op && a.All == b.All
	case *ArrayOf:
		_, ok := b.(*ArrayOf)
		return ok
	case *Field:
		b, ok := b.(*Field)
		return ok && a.Index == b.Index
	case *RecordOf:
		_, ok := b.(*RecordOf)
		return ok
	case *MapOf:
		_, ok := b.(*MapOf)
		return ok
	case *Lambda:
		b, ok := b.(*Lambda)
		return ok && a.First == b.First
	case *LambdaVar:
		b, ok := b.(*LambdaVar)
		return ok && a.Slot == b.Slot
	}
	return false
}

// sameValue compares representations: 1.0 and 1.00 differ, because they print differently.
func sameValue(a, b types.Value) bool {
	return a.Null == b.Null && a.B == b.B && a.I == b.I && a.F == b.F && a.S == b.S && bytes.Equal(a.Bytes, b.Bytes) &&
		a.N.Scale() == b.N.Scale() && a.N.Cmp(b.N) == 0
}

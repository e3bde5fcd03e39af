package expr

import "streamsql/internal/types"

// category is PostgreSQL's typcategory: B boolean, N number, S string, D date/time, T timespan, A array, P record, I network address, V bit string,
// U user-defined, X unknown.
func category(t types.Type) byte {
	switch t.Kind {
	case types.Bool:
		return 'B'
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.OID, types.Regclass,
		types.Regtype, types.Regproc, types.Regnamespace:
		return 'N'
	case types.Text, types.Varchar, types.Char, types.Name:
		return 'S'
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return 'D'
	case types.Interval:
		return 'T'
	case types.Inet, types.CIDR:
		return 'I'
	case types.Bit, types.Varbit:
		return 'V'
	case types.Array:
		return 'A'
	case types.Record:
		return 'P'
	case types.Unknown:
		return 'X'
	case types.QChar:
		return 'Z'
	}
	return 'U'
}

// preferred reports PostgreSQL's typispreferred.
func preferred(t types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Float8, types.OID, types.Text, types.TimestampTZ, types.Interval, types.Inet, types.Varbit:
		return true
	}
	return false
}

// base strips t's modifiers: numeric(10,2) becomes numeric, varchar(5)[] becomes varchar[].
func base(t types.Type) types.Type {
	if t.Kind == types.Record {
		return t
	}
	t.Prec, t.Scale = 0, 0
	if t.Elem != nil && hasMods(*t.Elem) {
		e := base(*t.Elem)
		t.Elem = &e
	}
	return t
}

func hasMods(t types.Type) bool {
	return t.Prec != 0 || t.Scale != 0 || t.Elem != nil && hasMods(*t.Elem)
}

// same reports whether a and b are the same type but for modifiers.
func same(a, b types.Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case types.Array:
		return same(*a.Elem, *b.Elem)
	case types.Map:
		return same(*a.Key, *b.Key) && same(*a.Elem, *b.Elem)
	case types.Record:
		return b.Fields == nil || base(a).Equal(base(b))
	}
	return true
}

// coercible reports whether a value of type from may stand where to (possibly a pseudo-type) is wanted, without a
// word from the user.
func coercible(from, to types.Type) bool {
	switch to.Kind {
	case kindAny, kindElem, kindCompat:
		return true
	case kindVar:
		return true
	case kindLambda:
		return from.Kind == kindLambda
	case types.Array, types.Map:
		if hasVars(to) {
			return from.Kind == types.Unknown || from.Kind == to.Kind && coercible(*from.Elem, *to.Elem) && (to.Kind == types.Array || coercible(*from.Key, *to.Key))
		}
	case kindNonArray:
		return from.Kind != types.Array
	case kindArray, kindCompatArr:
		return from.Kind == types.Array || from.Kind == types.Unknown
	}
	return from.Kind == types.Unknown || same(from, to) || types.CanCast(base(from), to, types.Implicit)
}

package batch

import "streamsql/internal/types"

// AppendKey appends the order-preserving key (types.AppendKey) of row row of v, which is of type t. A nil v is NULL.
func AppendKey(dst []byte, t types.Type, v Vec, row int) []byte { return appendKey(dst, &t, v, row) }

// AppendKeys appends the keys of several columns, one after the other.
func AppendKeys(dst []byte, ts []types.Type, cols []Vec, row int) []byte {
	for i := range cols {
		dst = appendKey(dst, &ts[i], cols[i], row)
	}
	return dst
}

func appendKey(dst []byte, t *types.Type, v Vec, row int) []byte {
	if v == nil || v.NullMap().Has(row) {
		return types.AppendKeyNull(dst)
	}
	switch v := v.(type) {
	case *Ints:
		return types.AppendKeyInt(dst, v.V[row])
	case *Bytes:
		return types.AppendKeyBytes(dst, t, v.At(row))
	case *Bools:
		return types.AppendKeyBool(dst, v.V[row])
	case *Floats:
		return types.AppendKeyFloat(dst, v.V[row])
	}
	return types.AppendKey(dst, *t, ValueAt(v, row))
}

// HashCols writes one hash a row into out, over all cols. Equal values hash equal, NULL equals NULL. The function is
// fixed: it is the same in every process. For one column it is the hash of types.Hash.
func HashCols(ts []types.Type, cols []Vec, out []uint64) {
	if len(cols) == 0 {
		for i := range out {
			out[i] = types.HashNull
		}
		return
	}
	hashFirst(&ts[0], cols[0], out)
	for i := 1; i < len(cols); i++ {
		hashMore(&ts[i], cols[i], out)
	}
}

// hashFirst sets out to the hashes of v; hashMore combines them into out. Integers and bytes have loops of their own.
func hashFirst(t *types.Type, v Vec, out []uint64) {
	switch v := v.(type) {
	case *Ints:
		for i, x := range v.V[:len(out)] {
			out[i] = types.HashInt(x)
		}
	case *Bytes:
		if t.Canonical() {
			for i := range out {
				out[i] = types.HashBytes(v.At(i))
			}
			break
		}
		for i := range out {
			out[i] = hashOne(t, v, i)
		}
	case nil:
		for i := range out {
			out[i] = types.HashNull
		}
		return
	default:
		for i := range out {
			out[i] = hashOne(t, v, i)
		}
	}
	if n := v.NullMap(); n.Any(len(out)) {
		for i := range out {
			if n.Has(i) {
				out[i] = types.HashNull
			}
		}
	}
}

func hashMore(t *types.Type, v Vec, out []uint64) {
	switch v := v.(type) {
	case *Ints:
		if v.N == nil {
			for i, x := range v.V[:len(out)] {
				out[i] = types.HashCombine(out[i], types.HashInt(x))
			}
			return
		}
	case *Bytes:
		if v.N == nil && t.Canonical() {
			for i := range out {
				out[i] = types.HashCombine(out[i], types.HashBytes(v.At(i)))
			}
			return
		}
	}
	for i := range out {
		out[i] = types.HashCombine(out[i], hashOne(t, v, i))
	}
}

// hashOne hashes row i of v, NULL included.
func hashOne(t *types.Type, v Vec, i int) uint64 {
	if v == nil || v.NullMap().Has(i) {
		return types.HashNull
	}
	switch v := v.(type) {
	case *Bools:
		return types.HashBool(v.V[i])
	case *Ints:
		return types.HashInt(v.V[i])
	case *Floats:
		return types.HashFloat(v.V[i])
	case *Decs:
		return types.HashDec(v.V[i])
	case *Spans:
		return types.HashSpan(v.V[i])
	case *Bytes:
		return types.HashTyped(t, v.At(i))
	}
	panic("batch: unknown vector")
}

// Package rowkey turns rows into bytes that operators use as keys: canonical (equal rows give equal bytes) or ordered
// (bytes compare as an ORDER BY wants). It sits between the encodings of internal/batch and the operators.
//
// Two SQL values can be equal without being written alike: 1.0 and 1.00, interval '24 hours' and '1 day', -0 and 0. A
// type where that cannot happen is canonical (types.Type.Canonical). Rows of such types use the row encoding itself as their key,
// which can be decoded; all others use the order-preserving encoding, and whoever needs the row back keeps it beside.
package rowkey

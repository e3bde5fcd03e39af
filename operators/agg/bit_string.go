package agg

import (
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// bitStrings is bit_and, bit_or and bit_xor over bit strings, which must be of one length.
func bitStrings(name string) fold {
	word := strings.ToUpper(strings.TrimPrefix(name, "bit_"))
	return func(dst []byte, b *batch.Batch) []byte {
		v := b.Cols[0].(*batch.Bytes)
		size := types.BitLen(v.At(0))
		ones := make([]int64, size) // by bit: in how many values it is set
		var rows int64
		for i, w := range b.Weights {
			x := v.At(i)
			if types.BitLen(x) != size {
				return failed(dst, pgerr.StringDataLengthMismatch, "cannot "+word+" bit strings of different sizes")
			}
			rows += w
			for k := range ones {
				if types.BitAt(x, k) {
					ones[k] += w
				}
			}
		}
		out := types.MakeBits(size)
		for k, n := range ones {
			types.SetBitAt(out, k, word == "AND" && n == rows || word == "OR" && n > 0 || word == "XOR" && n&1 == 1)
		}
		return append(append(dst, listFull), out...)
	}
}

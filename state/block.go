package state

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A block of slots is one Badger value; where half of the blocks of a group changed, the whole group is one value.
// Measured: blocks of 16 beat single keys when more than 15-25 % of the slots change; Badger costs some 2.5 us and 16
// allocations an entry, so that larger ones win when most change. A group's value is a list of sections: the rows of
// one fit in the first-level cache while they are encoded column by column.
const (
	blockSlots   = 16
	groupBlocks  = 32
	groupSlots   = blockSlots * groupBlocks
	sectionSlots = 128
	wordsMax     = 256 // key and value words of a slot together
)

var errBlock = errors.New("damaged block of slots")

// columnMax is the largest encoding of one column of n words, with the slack that writing whole words needs.
func columnMax(n int) int { return 1 + 8 + 8*n + 8 }

func zigzag(x uint64) uint64   { return x<<1 ^ uint64(int64(x)>>63) }
func unzigzag(x uint64) uint64 { return x>>1 ^ -(x & 1) }

// byteLen is the number of bytes that a word needs, 0 to 8.
func byteLen(x uint64) int { return (bits.Len64(x) + 7) / 8 }

// appendColumns encodes n rows of stride words column by column: a byte (widths of the first value and of the
// differences, in bytes), the zigzag of the first word, then the zigzag of each other word's difference to the first.
// Most columns of counters, sums and times differ in few bytes. dst must have room for stride*columnMax(n) more.
func appendColumns(dst []byte, rows []uint64, n, stride int) []byte {
	p := len(dst)
	buf := dst[:cap(dst)]
	for c := range stride {
		first := rows[c]
		all := uint64(0)
		for at := c; at < n*stride; at += stride {
			all |= zigzag(rows[at] - first)
		}
		fw, dw := byteLen(zigzag(first)), byteLen(all)
		buf[p] = byte(fw | dw<<4)
		binary.LittleEndian.PutUint64(buf[p+1:], zigzag(first))
		p += 1 + fw
		if dw == 0 {
			continue
		}
		for at := c + stride; at < n*stride; at += stride {
			binary.LittleEndian.PutUint64(buf[p:], zigzag(rows[at]-first))
			p += dw
		}
	}
	return buf[:p]
}

// decodeColumns is the inverse of appendColumns; it returns what follows the columns.
func decodeColumns(src []byte, rows []uint64, n, stride int) ([]byte, error) {
	for c := range stride {
		if len(src) == 0 {
			return nil, errBlock
		}
		fw, dw := int(src[0]&15), int(src[0]>>4)
		size := 1 + fw + dw*(n-1)
		if fw > 8 || dw > 8 || len(src) < size {
			return nil, errBlock
		}
		first := unzigzag(word(src[1:], fw))
		rows[c] = first
		deltas := src[1+fw:]
		for i := 1; i < n; i++ {
			rows[i*stride+c] = first + unzigzag(word(deltas[(i-1)*dw:], dw))
		}
		src = src[size:]
	}
	return src, nil
}

// word reads the first n bytes (at most 8) of b, little endian.
func word(b []byte, n int) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b) & (1<<(8*uint(n)) - 1) // n = 8: the shift gives 0, the mask all ones
	}
	var w uint64
	for i, c := range b[:n] {
		w |= uint64(c) << (8 * i)
	}
	return w
}

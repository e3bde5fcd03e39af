package state

import (
	"encoding/binary"
	"math/bits"
)

// How Slots lie in the store (FORMAT.md): blocks of 16 slots, or groups of 8 blocks where at least groupFrom of the 8
// changed. Writing a group deletes the keys of its blocks, so that a block key that is there is always newer than the
// key of its group. Slots.stored has for each group which of the keys the store has: bit 0-7 its blocks, bit 8 itself.
const (
	groupFrom   = 4
	storedGroup = 1 << 8

	levelGroup = 0 // last byte of the key: a group sorts before its blocks
	levelBlock = 1

	maskFull = 1 // first byte of a value: all slots are in use, no mask follows
	maskBits = 0
)

// slotsBody is the part of the key after the table: the number of the (first) block, the level.
func slotsBody(block uint32, level byte) [5]byte {
	var b [5]byte
	binary.BigEndian.PutUint32(b[:], block)
	b[4] = level
	return b
}

// dump appends what changed since the last dump.
func (s *Slots) dump(d *dump, prefix []byte) {
	for i, w := range s.dirty {
		for b := 0; w != 0; b++ {
			if changed := byte(w); changed != 0 {
				s.dumpGroup(d, prefix, uint32(i*64/groupBlocks+b), changed)
			}
			w >>= groupBlocks
		}
		s.dirty[i] = 0
	}
}

// dumpGroup appends a group as one value, or its changed blocks.
func (s *Slots) dumpGroup(d *dump, prefix []byte, group uint32, changed byte) {
	stored := s.stored[group]
	first := group * groupBlocks
	lo, hi := s.aliveMask(group)
	if lo|hi == 0 {
		if stored&storedGroup != 0 {
			body := slotsBody(first, levelGroup)
			d.delete(prefix, body[:])
		}
		s.deleteBlocks(d, prefix, first, byte(stored))
		s.stored[group] = 0
		return
	}
	if bits.OnesCount8(changed) >= groupFrom {
		body := slotsBody(first, levelGroup)
		s.dumpRange(d, prefix, body[:], int32(group*groupSlots), groupSlots, lo, hi)
		s.deleteBlocks(d, prefix, first, byte(stored))
		s.stored[group] = storedGroup
		return
	}
	for ; changed != 0; changed &= changed - 1 {
		b := uint32(bits.TrailingZeros8(changed))
		half := lo
		if b >= 4 {
			half = hi
		}
		mask := half >> (b % 4 * blockSlots) & (1<<blockSlots - 1)
		body := slotsBody(first+b, levelBlock)
		if mask == 0 && s.stored[group]&storedGroup == 0 {
			s.deleteBlocks(d, prefix, first, byte(s.stored[group])&(1<<b))
			s.stored[group] &^= 1 << b
			continue
		}
		s.dumpRange(d, prefix, body[:], int32((first+b)*blockSlots), blockSlots, mask, 0)
		s.stored[group] |= 1 << b
	}
}

// deleteBlocks deletes the keys of the blocks in the mask.
func (s *Slots) deleteBlocks(d *dump, prefix []byte, first uint32, blocks byte) {
	for ; blocks != 0; blocks &= blocks - 1 {
		body := slotsBody(first+uint32(bits.TrailingZeros8(blocks)), levelBlock)
		d.delete(prefix, body[:])
	}
}

// aliveMask returns which slots of a group are in use.
func (s *Slots) aliveMask(group uint32) (lo, hi uint64) {
	at := int(group) * 2
	lo = s.alive[at]
	if at+1 < len(s.alive) {
		hi = s.alive[at+1]
	}
	return lo, hi
}

// dumpRange appends one value: size slots from first on, those in use in the mask lo, hi.
func (s *Slots) dumpRange(d *dump, prefix, body []byte, first int32, size int, lo, hi uint64) {
	n := bits.OnesCount64(lo) + bits.OnesCount64(hi)
	need := 2 + size/8 + s.stride*columnMax(n)
	rows := s.gather(first, n, lo, hi)
	keyBytes := 0
	if s.keyWords == 0 {
		rows, keyBytes = s.keyLengths(rows, n)
	}
	val := d.open(prefix, body, need+keyBytes)
	val = append(val, valueWhole)
	if n == size {
		val = append(val, maskFull)
	} else {
		val = append(val, maskBits)
		var mask [16]byte
		binary.LittleEndian.PutUint64(mask[:], lo)
		binary.LittleEndian.PutUint64(mask[8:], hi)
		val = append(val, mask[:size/8]...)
	}
	if n > 0 {
		val = appendColumns(val, rows, n, s.stride)
	}
	if s.keyWords == 0 {
		val = s.appendKeys(val, first, lo, hi)
	}
	d.close(val)
}

// gather returns the rows of the slots in the mask, one after the other: in place if they are the first n, else copied.
func (s *Slots) gather(first int32, n int, lo, hi uint64) []uint64 {
	if n == 0 {
		return nil
	}
	if bits.TrailingZeros64(^lo)+contiguous(lo, hi) == n {
		at := int(first&ChunkMask) * s.stride
		return s.chunks[first>>ChunkShift][at : at+n*s.stride]
	}
	rows := s.scratchRows()[:0]
	eachBit(lo, hi, func(i int32) { rows = append(rows, s.row(first+i)...) })
	return rows
}

// contiguous is how many slots from the 64th on follow a full lower half.
func contiguous(lo, hi uint64) int {
	if ^lo != 0 {
		return 0
	}
	return bits.TrailingZeros64(^hi)
}

// scratchRows returns room for the rows of a group.
func (s *Slots) scratchRows() []uint64 {
	if s.rows == nil {
		s.rows = make([]uint64, groupSlots*s.stride)
	}
	return s.rows
}

// keyLengths returns a copy of rows with the length of each byte key in place of the key's place in the arena.
func (s *Slots) keyLengths(rows []uint64, n int) (out []uint64, total int) {
	out = s.scratchRows()[:n*s.stride]
	copy(out, rows) // a copy onto itself if they were gathered
	for at := 0; at < len(out); at += s.stride {
		length := len(s.keyAt(out[at]))
		out[at] = uint64(length)
		total += length
	}
	return out, total
}

// appendKeys appends the byte keys of the slots in the mask.
func (s *Slots) appendKeys(val []byte, first int32, lo, hi uint64) []byte {
	eachBit(lo, hi, func(i int32) { val = append(val, s.KeyBytes(first+i)...) })
	return val
}

// eachBit calls f with the number of each bit set.
func eachBit(lo, hi uint64, f func(i int32)) {
	for ; lo != 0; lo &= lo - 1 {
		f(int32(bits.TrailingZeros64(lo)))
	}
	for ; hi != 0; hi &= hi - 1 {
		f(64 + int32(bits.TrailingZeros64(hi)))
	}
}

// markAll marks every block in use as changed.
func (s *Slots) markAll() {
	for i, w := range s.alive {
		for b := range 64 / blockSlots {
			if w>>(b*blockSlots)&(1<<blockSlots-1) != 0 {
				s.markSlot(int32(i*64 + b*blockSlots))
			}
		}
	}
}

// load takes one entry of the store; they come in the order of their keys, a group before its blocks.
func (s *Slots) load(body, val []byte) error {
	if len(body) != 5 || len(val) == 0 {
		return errBlock
	}
	block := binary.BigEndian.Uint32(body)
	size := blockSlots
	if body[4] == levelGroup {
		size = groupSlots
	}
	if block >= 1<<27 || body[4] > levelBlock || size == groupSlots && block%groupBlocks != 0 {
		return errBlock
	}
	first := int32(block * blockSlots)
	lo, hi, rest, err := splitMask(val, size)
	if err != nil {
		return err
	}
	s.next = max(s.next, first+int32(size))
	s.grow(int(s.next))
	group := block / groupBlocks
	if size == groupSlots {
		s.stored[group] = storedGroup
	} else {
		s.stored[group] |= 1 << (block % groupBlocks)
		s.clearBlock(block)
	}
	return s.loadRows(first, lo, hi, rest)
}

// splitMask reads the mask of a value.
func splitMask(val []byte, size int) (lo, hi uint64, rest []byte, err error) {
	full, rest := val[0], val[1:]
	if full == maskFull {
		lo = ^uint64(0)
		if size == groupSlots {
			return lo, lo, rest, nil
		}
		return lo >> (64 - uint(size)), 0, rest, nil
	}
	if full != maskBits || len(rest) < size/8 {
		return 0, 0, nil, errBlock
	}
	var mask [16]byte
	copy(mask[:], rest[:size/8])
	return binary.LittleEndian.Uint64(mask[:]), binary.LittleEndian.Uint64(mask[8:]), rest[size/8:], nil
}

// clearBlock empties a block that its group had filled: the block's own value follows. The index is not built yet.
func (s *Slots) clearBlock(block uint32) {
	first := int32(block * blockSlots)
	mask := uint64(1<<blockSlots-1) << (first & 63)
	for w := s.alive[first>>6] & mask; w != 0; w &= w - 1 {
		row := s.row(first&^63 + int32(bits.TrailingZeros64(w)))
		if s.keyWords == 0 {
			s.keys.release(row[0], 4+len(s.keyAt(row[0])))
		}
		clear(row)
	}
	s.alive[first>>6] &^= mask
}

// loadRows sets the slots in the mask from the columns and keys of a value.
func (s *Slots) loadRows(first int32, lo, hi uint64, val []byte) error {
	n := bits.OnesCount64(lo) + bits.OnesCount64(hi)
	if n == 0 {
		return nil
	}
	rows := s.scratchRows()[:n*s.stride]
	keys, err := decodeColumns(val, rows, n, s.stride)
	if err != nil {
		return err
	}
	if s.keyWords == 0 {
		for at := 0; at < len(rows); at += s.stride {
			if rows[at] > uint64(len(keys)) {
				return errBlock
			}
			length := int(rows[at])
			rows[at] = s.copyKey(keys[:length])
			keys = keys[length:]
		}
	}
	at := 0
	eachBit(lo, hi, func(i int32) {
		copy(s.row(first+i), rows[at:])
		at += s.stride
	})
	s.alive[first>>6] |= lo << (first & 63)
	if hi != 0 {
		s.alive[first>>6+1] |= hi
	}
	return nil
}

// loaded builds the index and the list of free slots after the last load.
func (s *Slots) loaded() {
	n := 0
	for _, w := range s.alive {
		n += bits.OnesCount64(w)
	}
	for i := range s.subs {
		s.subs[i].reserve(n/subCount + n/(subCount*8))
	}
	for slot := s.next - 1; slot >= 0; slot-- {
		if s.alive[slot>>6]&(1<<(slot&63)) == 0 {
			s.free = append(s.free, slot)
		}
	}
	s.Each(func(slot int32) bool {
		hash := s.rowHash(s.row(slot))
		s.subs[hash>>subShift].insert(uint32(hash), slot)
		return true
	})
}

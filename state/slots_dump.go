package state

import (
	"encoding/binary"
	"math/bits"
)

// How Slots lie in the store (FORMAT.md): blocks of 16 slots, or groups of 32 blocks where half of those in use
// changed. Writing a group deletes the keys of its blocks, so that a block key that is there is always newer than the
// key of its group. Slots.stored has for each group which of the keys the store has: bit 0-31 its blocks, bit 32 itself.
const (
	storedGroup = 1 << groupBlocks

	levelGroup = 0 // last byte of the key: a group sorts before its blocks
	levelBlock = 1

	maskFull = 1 // first byte of a section: all slots are in use, no mask follows
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
		if changed := uint32(w); changed != 0 {
			s.dumpGroup(d, prefix, uint32(2*i), changed)
		}
		if changed := uint32(w >> groupBlocks); changed != 0 {
			s.dumpGroup(d, prefix, uint32(2*i+1), changed)
		}
		s.dirty[i] = 0
	}
}

// dumpGroup appends a group as one value, or its changed blocks.
func (s *Slots) dumpGroup(d *dump, prefix []byte, group, changed uint32) {
	stored := s.stored[group]
	first := group * groupBlocks
	used := uint32(0) // the blocks with a slot in use
	for b := range uint32(groupBlocks) {
		if s.blockMask(first+b) != 0 {
			used |= 1 << b
		}
	}
	switch {
	case used == 0:
		if stored&storedGroup != 0 {
			body := slotsBody(first, levelGroup)
			d.delete(prefix, body[:])
		}
		s.deleteBlocks(d, prefix, first, uint32(stored))
		s.stored[group] = 0
	case 2*bits.OnesCount32(changed) >= bits.OnesCount32(used):
		s.dumpRange(d, prefix, slotsBody(first, levelGroup), groupSlots)
		s.deleteBlocks(d, prefix, first, uint32(stored))
		s.stored[group] = storedGroup
	default:
		s.dumpBlocks(d, prefix, group, changed, used)
	}
}

// dumpBlocks appends the changed blocks of a group. An empty block is a value without rows if the group has a value
// that it must override, else its key is deleted.
func (s *Slots) dumpBlocks(d *dump, prefix []byte, group, changed, used uint32) {
	first := group * groupBlocks
	for ; changed != 0; changed &= changed - 1 {
		b := uint32(bits.TrailingZeros32(changed))
		bit := uint32(1) << b
		if used&bit == 0 && s.stored[group]&storedGroup == 0 {
			s.deleteBlocks(d, prefix, first, uint32(s.stored[group])&bit)
			s.stored[group] &^= uint64(bit)
			continue
		}
		s.dumpRange(d, prefix, slotsBody(first+b, levelBlock), blockSlots)
		s.stored[group] |= uint64(bit)
	}
}

// deleteBlocks deletes the keys of the blocks in the mask.
func (s *Slots) deleteBlocks(d *dump, prefix []byte, first, blocks uint32) {
	for ; blocks != 0; blocks &= blocks - 1 {
		body := slotsBody(first+uint32(bits.TrailingZeros32(blocks)), levelBlock)
		d.delete(prefix, body[:])
	}
}

// blockMask returns which slots of a block are in use.
func (s *Slots) blockMask(block uint32) uint64 {
	if at := block / 4; int(at) < len(s.alive) {
		return s.alive[at] >> (block % 4 * blockSlots) & (1<<blockSlots - 1)
	}
	return 0
}

// sectionMask returns which slots of the section that begins at slot first are in use; size is its number of slots.
func (s *Slots) sectionMask(first int32, size int) (lo, hi uint64) {
	if size == blockSlots {
		return s.blockMask(uint32(first) / blockSlots), 0
	}
	at := int(first >> 6)
	if at < len(s.alive) {
		lo = s.alive[at]
	}
	if at+1 < len(s.alive) {
		hi = s.alive[at+1]
	}
	return lo, hi
}

// dumpRange appends the value of size slots: one section, or several of sectionSlots.
func (s *Slots) dumpRange(d *dump, prefix []byte, body [5]byte, size int) {
	first := int32(binary.BigEndian.Uint32(body[:]) * blockSlots)
	section := min(size, sectionSlots)
	need := 1 + size/section*(1+section/8+s.stride*columnMax(section)) + s.keyBytes(first, size)
	val := append(d.open(prefix, body[:], need), valueWhole)
	for end := first + int32(size); first < end; first += int32(section) {
		val = s.appendSection(val, first, section)
	}
	d.close(val)
}

// keyBytes is the length of all byte keys of size slots.
func (s *Slots) keyBytes(first int32, size int) (n int) {
	if s.keyWords > 0 {
		return 0
	}
	for slot := first; slot < min(first+int32(size), s.next); slot++ {
		if s.alive[slot>>6]&(1<<(slot&63)) != 0 {
			n += len(s.KeyBytes(slot))
		}
	}
	return n
}

// appendSection appends the slots of one section: which are in use, their columns, their byte keys.
func (s *Slots) appendSection(val []byte, first int32, size int) []byte {
	lo, hi := s.sectionMask(first, size)
	n := bits.OnesCount64(lo) + bits.OnesCount64(hi)
	if n == size {
		val = append(val, maskFull)
	} else {
		var mask [sectionSlots / 8]byte
		binary.LittleEndian.PutUint64(mask[:], lo)
		binary.LittleEndian.PutUint64(mask[8:], hi)
		val = append(append(val, maskBits), mask[:size/8]...)
	}
	if n == 0 {
		return val
	}
	rows := s.gather(first, n, lo, hi)
	if s.keyWords == 0 {
		rows = s.keyLengths(rows)
	}
	val = appendColumns(val, rows, n, s.stride)
	if s.keyWords == 0 {
		val = s.appendKeys(val, first, lo, hi)
	}
	return val
}

// gather returns the rows of the slots in the mask, one after the other: in place if they are the first n, else copied.
func (s *Slots) gather(first int32, n int, lo, hi uint64) []uint64 {
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

// scratchRows returns room for the rows of a section.
func (s *Slots) scratchRows() []uint64 {
	if s.rows == nil {
		s.rows = make([]uint64, sectionSlots*s.stride)
	}
	return s.rows
}

// keyLengths returns a copy of rows with the length of each byte key in place of the key's place in the arena.
func (s *Slots) keyLengths(rows []uint64) []uint64 {
	out := s.scratchRows()[:len(rows)]
	copy(out, rows) // a copy onto itself if they were gathered
	for at := 0; at < len(out); at += s.stride {
		out[at] = uint64(len(s.keyAt(out[at])))
	}
	return out
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
	if len(body) != 5 {
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
	s.next = max(s.next, first+int32(size))
	s.grow(int(s.next))
	group := block / groupBlocks
	if size == groupSlots {
		s.stored[group] = storedGroup
	} else {
		s.stored[group] |= 1 << (block % groupBlocks)
		s.clearBlock(block)
	}
	section := min(size, sectionSlots)
	for end := first + int32(size); first < end; first += int32(section) {
		var err error
		if val, err = s.loadSection(first, section, val); err != nil {
			return err
		}
	}
	if len(val) > 0 {
		return errBlock
	}
	return nil
}

// splitMask reads the mask of a section.
func splitMask(val []byte, size int) (lo, hi uint64, rest []byte, err error) {
	if len(val) == 0 {
		return 0, 0, nil, errBlock
	}
	full, rest := val[0], val[1:]
	if full == maskFull {
		lo = ^uint64(0)
		if size == sectionSlots {
			return lo, lo, rest, nil
		}
		return lo >> (64 - uint(size)), 0, rest, nil
	}
	if full != maskBits || len(rest) < size/8 {
		return 0, 0, nil, errBlock
	}
	var mask [sectionSlots / 8]byte
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

// loadSection sets the slots of one section and returns what follows it.
func (s *Slots) loadSection(first int32, size int, val []byte) ([]byte, error) {
	lo, hi, val, err := splitMask(val, size)
	n := bits.OnesCount64(lo) + bits.OnesCount64(hi)
	if err != nil || n == 0 {
		return val, err
	}
	rows := s.scratchRows()[:n*s.stride]
	if val, err = decodeColumns(val, rows, n, s.stride); err != nil {
		return nil, err
	}
	if s.keyWords == 0 {
		for at := 0; at < len(rows); at += s.stride {
			if rows[at] > uint64(len(val)) {
				return nil, errBlock
			}
			length := int(rows[at])
			rows[at] = s.copyKey(val[:length])
			val = val[length:]
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
	return val, nil
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

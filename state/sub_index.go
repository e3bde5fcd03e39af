package state

// The index of Slots is subCount tables, chosen by the upper bits of the hash: when one doubles, the pause is a 64th.
const (
	subCount = 64
	subShift = 58
	subMin   = 8 // entries a table starts with
)

// subIndex is one open-addressing table with linear probing. An entry is the lower half of the hash (the tag) and the
// slot number plus one; 0 is free. An entry's home is its tag & mask, so that doubling and removing need no keys, and
// there are no tombstones.
type subIndex struct {
	ents []uint64
	mask uint32
	n    uint32
}

func newSubIndex(size int) subIndex {
	return subIndex{ents: make([]uint64, size), mask: uint32(size - 1)}
}

// insert adds an entry that is not there yet. A table is at most 5/8 full.
func (x *subIndex) insert(tag uint32, slot int32) {
	if uint64(x.n+1)*8 > uint64(len(x.ents))*5 {
		x.resize(len(x.ents) * 2)
	}
	x.place(uint64(tag)<<32 | uint64(uint32(slot+1)))
	x.n++
}

// place puts an entry into the first free place after its home.
func (x *subIndex) place(e uint64) {
	p := uint32(e>>32) & x.mask
	for x.ents[p] != 0 {
		p = (p + 1) & x.mask
	}
	x.ents[p] = e
}

// resize moves all entries into a table of size places, a power of two.
func (x *subIndex) resize(size int) {
	old := x.ents
	x.ents, x.mask = make([]uint64, size), uint32(size-1)
	for _, e := range old {
		if e != 0 {
			x.place(e)
		}
	}
}

// reserve makes room for n entries in all.
func (x *subIndex) reserve(n int) {
	size := len(x.ents)
	for n*8 > size*5 {
		size *= 2
	}
	if size > len(x.ents) {
		x.resize(size)
	}
}

// remove takes out the entry of a slot and closes the gap: every later entry of the run whose home is not after the
// gap moves back into it.
func (x *subIndex) remove(tag uint32, slot int32) {
	e := uint64(tag)<<32 | uint64(uint32(slot+1))
	gap := tag & x.mask
	for x.ents[gap] != e {
		gap = (gap + 1) & x.mask
	}
	for p := (gap + 1) & x.mask; x.ents[p] != 0; p = (p + 1) & x.mask {
		home := uint32(x.ents[p]>>32) & x.mask
		if (p-home)&x.mask >= (p-gap)&x.mask {
			x.ents[gap] = x.ents[p]
			gap = p
		}
	}
	x.ents[gap] = 0
	x.n--
}

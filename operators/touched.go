package operators

// touched remembers which slots a tick changed, each once, in the order of their first change. The bitmap grows with the
// slot numbers and is cleared slot by slot.
type touched struct {
	slots []int32
	bits  []uint64
}

// add reports whether slot is new in this tick.
func (t *touched) add(slot int32) bool {
	w, bit := int(slot>>6), uint64(1)<<(uint(slot)&63)
	if w >= len(t.bits) {
		t.bits = append(t.bits, make([]uint64, w+1+w/2-len(t.bits))...)
	}
	if t.bits[w]&bit != 0 {
		return false
	}
	t.bits[w] |= bit
	t.slots = append(t.slots, slot)
	return true
}

// reset forgets all slots.
func (t *touched) reset() {
	for _, s := range t.slots {
		t.bits[s>>6] = 0
	}
	t.slots = t.slots[:0]
}

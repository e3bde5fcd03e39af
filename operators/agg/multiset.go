package agg

import (
	"encoding/binary"
	"fmt"

	"streamsql/state"
)

// multiset is a table from keys (slot, then ordered value) to weights. A key exists only while its weight is not 0.
//
//	slot (4 bytes, big endian), value key -> Σ weight (varint), form
//
// form is whatever the first change of the key brought; it stays as long as the key.
type multiset struct {
	table *state.Table
	buf   []byte
	debts map[string]struct{} // keys whose weight went below 0 in this tick
}

// change adds n to the weight of key and returns the weight before and after, and the form kept (aliases the table until
// the next change).
func (m *multiset) change(key []byte, n int64, form []byte) (before, after int64, kept []byte) {
	kept = form
	if v, ok := m.table.Get(key); ok {
		before, kept = splitWeight(v)
	}
	after = before + n
	if after == 0 {
		kept = append([]byte(nil), kept...)
		m.table.Delete(key)
		return before, 0, kept
	}
	m.buf = append(binary.AppendVarint(m.buf[:0], after), kept...)
	m.table.Put(key, m.buf)
	if after < 0 {
		if m.debts == nil {
			m.debts = map[string]struct{}{}
		}
		m.debts[string(key)] = struct{}{}
	}
	return before, after, m.buf[len(m.buf)-len(kept):]
}

func splitWeight(v []byte) (weight int64, form []byte) {
	d := decoder{b: v}
	return d.varint(), d.b
}

// check says at a tick's end whether a value was retracted that was not there.
func (m *multiset) check() error {
	if len(m.debts) == 0 {
		return nil
	}
	for k := range m.debts {
		if v, ok := m.table.Get([]byte(k)); ok {
			if w, _ := splitWeight(v); w < 0 {
				return fmt.Errorf("a value has weight %d", w)
			}
		}
	}
	clear(m.debts)
	return nil
}

func (m *multiset) empty(slot int32) bool {
	none := true
	m.table.Ascend(appendSlot(nil, slot), func(_, _ []byte) bool {
		none = false
		return false
	})
	return none
}

func appendSlot(dst []byte, slot int32) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(slot))
}

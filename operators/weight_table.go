package operators

import (
	"encoding/binary"
	"fmt"

	"streamsql/state"
)

// weightTable keeps rows with weights in a state table: key -> Σ weight (varint), then whatever else the operator
// stores with a row. An entry exists only while its weight is not 0. Within a tick a weight may be negative (the order of
// changes means nothing); at its end that is an error.
type weightTable struct {
	*state.Table
	buf   []byte
	debts map[string]struct{} // keys that went below 0 in this tick
}

func openWeights(sp *state.Space, name string) (*weightTable, error) {
	t, err := sp.Table(name)
	return &weightTable{Table: t}, err
}

// add adds n to the weight of key. A new entry gets tail stored behind its weight; an old one keeps its own.
func (t *weightTable) add(key []byte, n int64, tail []byte) (before, after int64) {
	if v, ok := t.Get(key); ok {
		before, tail = splitWeight(v)
	}
	after = before + n
	if after == 0 {
		t.Delete(key)
		return before, 0
	}
	t.buf = append(binary.AppendVarint(t.buf[:0], after), tail...)
	t.Put(key, t.buf)
	if after < 0 {
		if t.debts == nil {
			t.debts = map[string]struct{}{}
		}
		t.debts[string(key)] = struct{}{}
	}
	return before, after
}

// check ends a tick: no weight may be negative now.
func (t *weightTable) check(operator string) error {
	for k := range t.debts {
		if v, ok := t.Get([]byte(k)); ok {
			if w, _ := splitWeight(v); w < 0 {
				return fmt.Errorf("%s: a row has weight %d: it was retracted without being there", operator, w)
			}
		}
	}
	clear(t.debts)
	return nil
}

// splitWeight takes an entry's value apart; tail aliases it.
func splitWeight(v []byte) (weight int64, tail []byte) {
	w, n := binary.Varint(v)
	if n <= 0 {
		panic("operators: broken state value")
	}
	return w, v[n:]
}

package state

// Table is an ordered map from bytes to bytes.
type Table struct{}

// Get returns the value of key.
func (t *Table) Get(key []byte) ([]byte, bool) { panic("unfinished: Table.Get") }

// Put sets the value of key.
func (t *Table) Put(key, value []byte) { panic("unfinished: Table.Put") }

// Delete removes key.
func (t *Table) Delete(key []byte) bool { panic("unfinished: Table.Delete") }

// Ascend visits the keys with prefix in order.
func (t *Table) Ascend(prefix []byte, f func(key, value []byte) bool) {
	panic("unfinished: Table.Ascend")
}

// AscendFrom visits the keys with prefix that are at least from.
func (t *Table) AscendFrom(prefix, from []byte, f func(key, value []byte) bool) {
	panic("unfinished: Table.AscendFrom")
}

// Descend visits the keys with prefix in descending order.
func (t *Table) Descend(prefix []byte, f func(key, value []byte) bool) {
	panic("unfinished: Table.Descend")
}

// Len is the number of keys.
func (t *Table) Len() int { panic("unfinished: Table.Len") }

package state

// Space is the state of one dataflow node.
type Space struct{}

// Memory returns a space without a store.
func Memory() *Space { return &Space{} }

// Attach makes its tables part of checkpoints.
func (sp *Space) Attach() { panic("unfinished: Space.Attach") }

// Table opens a table.
func (sp *Space) Table(name string) (*Table, error) { panic("unfinished: Space.Table") }

// Slots opens slots.
func (sp *Space) Slots(name string, keyWords, valWords int) (*Slots, error) {
	panic("unfinished: Space.Slots")
}

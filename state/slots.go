package state

// ChunkShift and ChunkMask are the geometry of Rows: slot s lies in chunk s>>ChunkShift at position s&ChunkMask.
const (
	ChunkShift = 12
	ChunkSlots = 1 << ChunkShift
	ChunkMask  = ChunkSlots - 1
)

// Slots maps group keys to fixed-width words.
type Slots struct{}

// Rows is a view of the slots' words for tight loops without a call a row:
//
//	r := s.Rows() // after FindOrAdd, which may move or add chunks
//	for i, slot := range slots {
//		at := int(slot&state.ChunkMask)*r.Stride + r.Val
//		w := r.Chunks[slot>>state.ChunkShift][at : at+valWords : at+valWords]
//		...
//	}
//	s.Touch(slots)
type Rows struct {
	Chunks [][]uint64
	Stride int // words of one slot: its key words, then its value words
	Val    int // offset of the first value word in a slot
}

// Rows returns the words of all slots, in place; valid until the next FindOrAdd.
func (s *Slots) Rows() Rows { panic("unfinished: Slots.Rows") }

// FindOrAdd finds or adds the slots of a batch of keys (row-major, keyWords each). hashes must be Hash of each key
// (HashRows); nil: computed here.
func (s *Slots) FindOrAdd(keys []uint64, hashes []uint64, out []int32) {
	panic("unfinished: Slots.FindOrAdd")
}

// FindOrAddBytes is FindOrAdd for byte keys: key i is data[off[i]:off[i+1]]; hashes must be HashBytes of each key; nil:
// computed here.
func (s *Slots) FindOrAddBytes(data []byte, off []uint32, hashes []uint64, out []int32) {
	panic("unfinished: Slots.FindOrAddBytes")
}

// Find finds a slot; hash is Hash(key).
func (s *Slots) Find(key []uint64, hash uint64) (int32, bool) { panic("unfinished: Slots.Find") }

// FindBytes finds a slot; hash is HashBytes(key).
func (s *Slots) FindBytes(key []byte, hash uint64) (int32, bool) {
	panic("unfinished: Slots.FindBytes")
}

// Vals returns the slot's value words in place.
func (s *Slots) Vals(slot int32) []uint64 { panic("unfinished: Slots.Vals") }

// Touch marks slots as changed.
func (s *Slots) Touch(slots []int32) { panic("unfinished: Slots.Touch") }

// Key returns the slot's key words.
func (s *Slots) Key(slot int32) []uint64 { panic("unfinished: Slots.Key") }

// KeyBytes returns the slot's byte key.
func (s *Slots) KeyBytes(slot int32) []byte { panic("unfinished: Slots.KeyBytes") }

// Remove frees a slot.
func (s *Slots) Remove(slot int32) { panic("unfinished: Slots.Remove") }

// Len is the number of slots in use.
func (s *Slots) Len() int { panic("unfinished: Slots.Len") }

// Each visits the slots in use.
func (s *Slots) Each(f func(slot int32) bool) { panic("unfinished: Slots.Each") }

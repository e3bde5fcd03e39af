package agg

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/state"
)

// Set is the compiled aggregates of one operator. Update and Check belong to the goroutine that runs the operator;
// Capture and Results may be called by any number of goroutines while nobody updates.
type Set struct {
	feeds   []*feed
	cells   []placedCell
	extras  []extra
	readers []reader
	results []types.Type
	notNull []int // columns that were planned as NOT NULL
	words   int   // value words of a slot; word 0 is the group's weight
}

type placedCell struct {
	feed int
	cell
}

// extra is the part of an aggregate's state that lies in a table.
type extra interface {
	capture(dst []byte, slot int32) []byte // appends what the result needs; must not write
	empty(slot int32) bool                 // nothing is left of the slot
	check() error                          // at a tick's end: is the state one that rows can have?
}

// updater is an extra that is changed by a feed itself (spills are changed by their cell, gates by their feed).
type updater interface {
	extra
	feedIndex() int
	update(f *feed) error
}

// Words is the number of value words a slot needs.
func (s *Set) Words() int { return s.words }

// Update changes the slots by a batch: slots[i] is the group of row i. The weights of the groups themselves (word 0) are
// the caller's. rows is the present view of all slots.
func (s *Set) Update(rows state.Rows, slots []int32, cols []batch.Vec, w Weights) error {
	for _, c := range s.notNull {
		if cols[c].NullMap().Any(len(slots)) {
			return fmt.Errorf("NULL in column %d, which was planned as NOT NULL", c)
		}
	}
	for _, f := range s.feeds {
		if f.gate == nil {
			f.fill(slots, cols, w)
		} else if err := f.gate.fill(f); err != nil {
			return err
		}
	}
	for _, c := range s.cells {
		c.add(rows, s.feeds[c.feed])
	}
	for _, x := range s.extras {
		if u, ok := x.(updater); ok {
			if err := u.update(s.feeds[u.feedIndex()]); err != nil {
				return err
			}
		}
	}
	for _, f := range s.feeds {
		if f.gate == nil {
			f.release()
		}
	}
	return nil
}

// Check looks at the end of a tick for values that were retracted more often than they were there.
func (s *Set) Check() error {
	for _, x := range s.extras {
		if err := x.check(); err != nil {
			return err
		}
	}
	return nil
}

// CheckGone returns an error if a group without rows has state left: something was retracted that was never there.
func (s *Set) CheckGone(slot int32, words []uint64) error {
	for _, c := range s.cells {
		if n, ok := c.cell.(*countCell); ok && words[n.word] != 0 {
			return fmt.Errorf("a group without rows counts %d values", int64(words[n.word]))
		}
		if n, ok := c.cell.(*intCell); ok && n.count >= 0 && words[n.count] != 0 {
			return fmt.Errorf("a group without rows counts %d values", int64(words[n.count]))
		}
	}
	for _, x := range s.extras {
		if !x.empty(slot) {
			return fmt.Errorf("a group without rows has values left")
		}
	}
	return nil
}

// Builder returns a builder for Results. Whoever computes results again and again keeps one.
func (s *Set) Builder() *batch.Builder { return batch.NewBuilder(s.results) }

// Results computes the aggregates for the images of some views, one after the other, a vector each. bl is an empty one
// of Builder. Errors are those of the results: a sum out of its type's range.
func (s *Set) Results(bl *batch.Builder, views ...View) ([]batch.Vec, error) {
	rows := 0
	for i := range views {
		rows += views[i].len()
	}
	bl.Reserve(rows)
	for i := range views {
		for k, r := range s.readers {
			if err := r.read(&views[i], bl, k); err != nil {
				return nil, err
			}
		}
	}
	bl.EndRows(batch.Ones(rows))
	return bl.Seal().Cols, nil
}

package agg

import (
	"slices"

	"streamsql/state"
)

// Images are copies of the state of some slots: all their words, and what their extras had to say for the results.
// They are read by Set.Results. The zero Images is empty and ready.
type Images struct {
	words []uint64 // row-major, stride words an image
	extra []byte
	ends  []int // end of part p of image i in extra, at i*parts+p
	n     int
}

// Len returns the number of images.
func (m *Images) Len() int { return m.n }

// Reset empties m and keeps its memory, unless that has grown beyond what a usual tick needs.
func (m *Images) Reset() {
	const keepWords, keepBytes = 1 << 20, 8 << 20
	if cap(m.words) > keepWords || cap(m.extra) > keepBytes {
		*m = Images{}
		return
	}
	m.words, m.extra, m.ends, m.n = m.words[:0], m.extra[:0], m.ends[:0], 0
}

// Capture appends the present state of the slots. It only reads: any number of goroutines may capture at once, each into
// Images of its own, while nobody updates.
func (s *Set) Capture(m *Images, rows state.Rows, slots []int32) {
	m.words = slices.Grow(m.words, len(slots)*s.words)
	for _, slot := range slots {
		m.words = append(m.words, slotWords(&rows, slot, s.words)...)
		for _, x := range s.extras {
			m.extra = x.capture(m.extra, slot)
			m.ends = append(m.ends, len(m.extra))
		}
	}
	m.n += len(slots)
}

// View returns images i up to, not including, j, sharing memory.
func (s *Set) View(m *Images, i, j int) View {
	return View{set: s, m: m, from: i, to: j}
}

// View is a range of images.
type View struct {
	set      *Set
	m        *Images
	from, to int
}

// words returns the words of image i of the view.
func (v *View) words(i int) []uint64 {
	n := v.set.words
	at := (v.from + i) * n
	return v.m.words[at : at+n : at+n]
}

// part returns extra p of image i of the view.
func (v *View) part(i, p int) []byte {
	at := (v.from+i)*len(v.set.extras) + p
	from := 0
	if at > 0 {
		from = v.m.ends[at-1]
	}
	return v.m.extra[from:v.m.ends[at]]
}

func (v *View) len() int { return v.to - v.from }

// Weight returns the group weight of image i.
func (s *Set) Weight(m *Images, i int) int64 { return int64(m.words[i*s.words]) }

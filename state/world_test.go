package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// world is the tests' workload: rounds of random changes to a few spaces, the same for the same seed whatever happened
// to the store in between. The reference is plain maps; the state after round n is a function of seed and n alone.
type world struct {
	seed   uint64
	ops    int // changes a round
	round  int
	spaces map[uint64]*spaceModel
}

// spaceModel is the reference of one space.
type spaceModel struct {
	rows  map[string]string    // table "rows"
	words map[[2]uint64]uint64 // slots "words": two key words; the value words are v, -v, v*v
	bytes map[string]uint64    // slots "bytes": the value word is v
}

func newWorld(seed uint64, ops int) *world {
	return &world{seed: seed, ops: ops, spaces: map[uint64]*spaceModel{}}
}

// dropEvery is the number of rounds after which the younger of the two spaces is replaced.
const dropEvery = 5

// ids returns the spaces that exist after a round.
func (w *world) ids() []uint64 { return []uint64{1, uint64(2 + w.round/dropEvery)} }

// step does the next round: to the reference, and to the store unless it is nil.
func (w *world) step(t testing.TB, s *Store) {
	before := w.ids()
	w.round++
	if ids := w.ids(); w.round > 1 && ids[1] != before[1] {
		delete(w.spaces, before[1])
		if s != nil {
			s.Drop(before[1])
		}
	}
	for _, id := range w.ids() {
		if w.spaces[id] == nil {
			w.spaces[id] = &spaceModel{map[string]string{}, map[[2]uint64]uint64{}, map[string]uint64{}}
		}
		var o *opened
		if s != nil {
			o = openSpace(t, s, id)
		}
		r := rand.New(rand.NewPCG(w.seed, uint64(w.round)<<32|id))
		clearAll := r.IntN(6) == 0 // now and then nearly everything goes, so that blocks and groups of them empty
		for range w.ops {
			w.spaces[id].change(r, o, clearAll)
		}
		if o != nil {
			o.sp.Attach()
		}
	}
}

// opened is a space of the store with its three tables.
type opened struct {
	sp           *Space
	rows         *Table
	words, bytes *Slots
}

func openSpace(t testing.TB, s *Store, id uint64) *opened {
	t.Helper()
	o := &opened{sp: s.Space(id)}
	var err error
	if o.rows, err = o.sp.Table("rows"); err != nil {
		t.Fatal(err)
	}
	if o.words, err = o.sp.Slots("words", 2, 3); err != nil {
		t.Fatal(err)
	}
	if o.bytes, err = o.sp.Slots("bytes", 0, 1); err != nil {
		t.Fatal(err)
	}
	return o
}

// change makes one random change; o may be nil.
func (m *spaceModel) change(r *rand.Rand, o *opened, removing bool) {
	k, v := r.Uint64N(400), r.Uint64N(1<<40)>>r.Uint64N(40)
	remove := r.IntN(4) == 0 || removing
	switch r.IntN(3) {
	case 0:
		m.changeRow(rowKey(k), rowValue(v, r), remove, o)
	case 1:
		m.changeWords([2]uint64{k / 40, k * 1_000_003}, v, remove, o)
	default:
		m.changeBytes(rowKey(k), v, remove, o)
	}
}

// rowKey returns short keys, keys that differ after 16 bytes or in trailing zeros only, and a few very long ones.
func rowKey(k uint64) string {
	switch k % 5 {
	case 0:
		return "a common beginning of the key " + fmt.Sprint(k)
	case 1:
		return string(make([]byte, k/20))
	case 2:
		if k%100 == 2 {
			return strings.Repeat("long", keyShort/4) + fmt.Sprint(k)
		}
	}
	return string(binary.BigEndian.AppendUint64(nil, k*0x9E3779B97F4A7C15))
}

// rowValue returns values of up to some hundred bytes, rarely one of several pieces.
func rowValue(v uint64, r *rand.Rand) string {
	n := int(v % 300)
	if r.IntN(500) == 0 {
		n = pieceBytes/2 + r.IntN(3*pieceBytes)
	}
	return strings.Repeat(string(rune('a'+v%26)), n)
}

func (m *spaceModel) changeRow(key, value string, remove bool, o *opened) {
	_, had := m.rows[key]
	if remove {
		delete(m.rows, key)
	} else {
		m.rows[key] = value
	}
	switch {
	case o == nil:
	case remove:
		if o.rows.Delete([]byte(key)) != had {
			panic("Delete reports the wrong thing")
		}
	default:
		o.rows.Put([]byte(key), []byte(value))
	}
}

func (m *spaceModel) changeWords(key [2]uint64, v uint64, remove bool, o *opened) {
	_, had := m.words[key]
	if remove {
		delete(m.words, key)
	} else {
		m.words[key] = v
	}
	if o == nil || remove && !had {
		return
	}
	slot := []int32{-7}
	if remove {
		slot[0], _ = o.words.Find(key[:], Hash(key[:]))
		o.words.Remove(slot[0])
		return
	}
	o.words.FindOrAdd(key[:], nil, slot)
	copy(o.words.Vals(slot[0]), []uint64{v, -v, v * v})
	o.words.Touch(slot)
}

func (m *spaceModel) changeBytes(key string, v uint64, remove bool, o *opened) {
	_, had := m.bytes[key]
	if remove {
		delete(m.bytes, key)
	} else {
		m.bytes[key] = v
	}
	if o == nil || remove && !had {
		return
	}
	slot := []int32{-7}
	if remove {
		slot[0], _ = o.bytes.FindBytes([]byte(key), HashBytes([]byte(key)))
		o.bytes.Remove(slot[0])
		return
	}
	o.bytes.FindOrAddBytes([]byte(key), []uint32{0, uint32(len(key))}, nil, slot)
	o.bytes.Vals(slot[0])[0] = v
	o.bytes.Touch(slot)
}

// check compares the whole store with the reference.
func (w *world) check(t testing.TB, s *Store) {
	t.Helper()
	for id, m := range w.spaces {
		o := openSpace(t, s, id)
		m.check(t, o)
	}
}

func (m *spaceModel) check(t testing.TB, o *opened) {
	t.Helper()
	if o.rows.Len() != len(m.rows) || o.words.Len() != len(m.words) || o.bytes.Len() != len(m.bytes) {
		t.Fatalf("%d rows, %d word slots, %d byte slots; want %d, %d, %d", o.rows.Len(), o.words.Len(), o.bytes.Len(),
			len(m.rows), len(m.words), len(m.bytes))
	}
	checkRows(t, o.rows, m.rows)
	for key, v := range m.words {
		slot, ok := o.words.Find(key[:], Hash(key[:]))
		if want := []uint64{v, -v, v * v}; !ok || !slices.Equal(o.words.Vals(slot), want) || !slices.Equal(o.words.Key(slot), key[:]) {
			t.Fatalf("words %v: found %v, want %v", key, ok, want)
		}
	}
	seen := 0
	o.bytes.Each(func(slot int32) bool {
		key := o.bytes.KeyBytes(slot)
		again, ok := o.bytes.FindBytes(key, HashBytes(key))
		if v, have := m.bytes[string(key)]; !ok || again != slot || !have || o.bytes.Vals(slot)[0] != v {
			t.Fatalf("bytes %.40q in slot %d: found %v in %d, value %d; want %d, %v", key, slot, ok, again, o.bytes.Vals(slot)[0], v, have)
		}
		seen++
		return true
	})
	if seen != len(m.bytes) {
		t.Fatalf("Each visits %d slots of %d", seen, len(m.bytes))
	}
}

// checkRows compares a table, read in several ways, with a map.
func checkRows(t testing.TB, table *Table, want map[string]string) {
	t.Helper()
	var up, down []string
	table.Ascend(nil, func(key, value []byte) bool {
		if v, ok := want[string(key)]; !ok || v != string(value) {
			t.Fatalf("row %.40q: value %.40q, want %.40q (%v)", key, value, v, ok)
		}
		up = append(up, string(key))
		return true
	})
	table.Descend(nil, func(key, _ []byte) bool { down = append(down, string(key)); return true })
	slices.Reverse(down)
	if !slices.IsSorted(up) || !slices.Equal(up, down) || len(up) != len(want) {
		t.Fatalf("Ascend gives %d rows, sorted %v; Descend %d; want %d", len(up), slices.IsSorted(up), len(down), len(want))
	}
	for key, v := range want {
		if got, ok := table.Get([]byte(key)); !ok || !bytes.Equal(got, []byte(v)) {
			t.Fatalf("Get(%.40q) = %.40q, %v; want %.40q", key, got, ok, v)
		}
	}
}

// testOptions are those of a small store that is written in many transactions.
func testOptions(dir string) Options {
	return Options{Dir: dir, MemTableBytes: 8 << 20, BlockCacheBytes: 1 << 20, TxnEntries: 40}
}

func openStore(t testing.TB, opt Options) *Store {
	t.Helper()
	s, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// payload and roundOf: the marker's payload is the number of the round.
func payload(round int) []byte { return fmt.Append(nil, round) }

func roundOf(t testing.TB, s *Store) int {
	t.Helper()
	m, ok := s.Marker()
	if !ok {
		return 0
	}
	n := 0
	if _, err := fmt.Sscan(string(m.Payload), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// at returns the world after a round.
func worldAt(t testing.TB, seed uint64, ops, round int) *world {
	w := newWorld(seed, ops)
	for w.round < round {
		w.step(t, nil)
	}
	return w
}

func commit(t testing.TB, s *Store, round int) {
	t.Helper()
	if err := s.Begin().Commit(context.Background(), payload(round)); err != nil {
		t.Fatal(err)
	}
}

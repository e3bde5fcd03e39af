package operators_test

import (
	"fmt"
	"math/bits"
	"testing"

	"streamsql/internal/batch"
)

// floorTable is the hash table of the study behind the speed goal (shared/bench/floor): one key column, accumulators as
// structs, no weights, no NULLs, no windows, no checkpoints but a dirty list. BenchmarkAggregateFloor runs it on the rows
// of BenchmarkAggregate, so that the two can be compared within one run.
type floorTable struct {
	mask  uint64
	slots []struct {
		key int64
		gid int32
	}
	keys  []int64
	accs  []struct{ count, sum, max int64 }
	dirty []uint64
	list  []int32
	hs    [batch.RowsMax]uint64
	gids  [batch.RowsMax]int32
}

func floorMix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

func newFloor(groups int64) *floorTable {
	size := 1024
	for int64(size) < groups*2 {
		size *= 2
	}
	t := &floorTable{mask: uint64(size - 1), dirty: make([]uint64, groups/16/64+1)}
	t.slots = make([]struct {
		key int64
		gid int32
	}, size)
	return t
}

func (t *floorTable) insert(k int64, h uint64) int32 {
	for h &= t.mask; ; h = (h + 1) & t.mask {
		s := &t.slots[h]
		if s.gid == 0 {
			t.keys = append(t.keys, k)
			t.accs = append(t.accs, struct{ count, sum, max int64 }{max: -1 << 63})
			s.key, s.gid = k, int32(len(t.keys))
			return s.gid - 1
		}
		if s.key == k {
			return s.gid - 1
		}
	}
}

func (t *floorTable) add(keys, price []int64) {
	hs, gids := t.hs[:len(keys)], t.gids[:len(keys)]
	for i, k := range keys {
		hs[i] = floorMix(uint64(k))
	}
	miss := false
	for i, k := range keys {
		s := &t.slots[hs[i]&t.mask]
		gids[i] = s.gid - 1
		if s.gid == 0 || s.key != k {
			gids[i], miss = -1, true
		}
	}
	for i := 0; miss && i < len(keys); i++ {
		if gids[i] < 0 {
			gids[i] = t.insert(keys[i], hs[i])
		}
	}
	for i, g := range gids {
		a := &t.accs[g]
		a.count++
		a.sum += price[i]
		a.max = max(a.max, price[i])
	}
	for _, g := range gids {
		if p := g / 16; t.dirty[p>>6]&(1<<(p&63)) == 0 {
			t.dirty[p>>6] |= 1 << (p & 63)
			t.list = append(t.list, p)
		}
	}
}

func BenchmarkAggregateFloor(b *testing.B) {
	for _, groups := range []int64{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			in := benchBatches(groups, max(64, int(groups*3/batch.RowsMax)))
			t := newFloor(groups)
			run := func(x *batch.Batch) { t.add(x.Cols[1].(*batch.Ints).V, x.Cols[2].(*batch.Ints).V) }
			for _, x := range in {
				run(x)
			}
			b.ResetTimer()
			rows, cpu := 0, cpuTime()
			for i := 0; b.Loop(); i++ {
				run(in[i%len(in)])
				rows += batch.RowsMax
			}
			report(b, cpu, rows)
		})
	}
}

package state

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

const benchBatch = 4096

// benchSizes are the numbers of groups of the benchmarks.
var benchSizes = []int{1_000, 10_000, 1_000_000}

// benchKeys returns n different keys in random order, and rows batches drawn from them.
func benchKeys(groups, rows int) []uint64 {
	r := rand.New(rand.NewPCG(1, uint64(groups)))
	keys := make([]uint64, rows)
	for i := range keys {
		keys[i] = uint64(r.IntN(groups)) * 977
	}
	return keys
}

// BenchmarkSlotsAggregate is count, sum and max per group through FindOrAdd, Rows and Touch; ns/op is ns a row.
func BenchmarkSlotsAggregate(b *testing.B) {
	for _, keyWords := range []int{1, 2} {
		for _, groups := range benchSizes {
			b.Run(fmt.Sprintf("words=%d/groups=%d", keyWords, groups), func(b *testing.B) {
				s, _ := newSlots(keyWords, 3)
				ones := benchKeys(groups, 1<<21)
				keys := ones
				if keyWords == 2 {
					keys = make([]uint64, 2*len(ones))
					for i, k := range ones {
						keys[2*i], keys[2*i+1] = 7, k
					}
				}
				benchAggregate(b, s, keys, keyWords)
			})
		}
	}
}

func benchAggregate(b *testing.B, s *Slots, keys []uint64, keyWords int) {
	hashes, slots := make([]uint64, benchBatch), make([]int32, benchBatch)
	batches := len(keys) / keyWords / benchBatch
	step := func(i int) {
		in := keys[i%batches*benchBatch*keyWords:][:benchBatch*keyWords]
		HashRows(in, keyWords, hashes)
		s.FindOrAdd(in, hashes, slots)
		r := s.Rows()
		for j, slot := range slots {
			at := int(slot&ChunkMask)*r.Stride + r.Val
			w := r.Chunks[slot>>ChunkShift][at : at+3 : at+3]
			v := in[j*keyWords]
			w[0]++
			w[1] += v
			w[2] = max(w[2], v)
		}
		s.Touch(slots)
	}
	for i := range batches {
		step(i)
	}
	b.ResetTimer()
	for i := 0; i < b.N; i += benchBatch {
		step(i / benchBatch)
	}
}

// BenchmarkGoMapAggregate is the same with a Go map of pointers, for comparison.
func BenchmarkGoMapAggregate(b *testing.B) {
	for _, groups := range benchSizes {
		b.Run(fmt.Sprintf("words=1/groups=%d", groups), func(b *testing.B) {
			m := map[uint64]*[3]uint64{}
			keys := benchKeys(groups, 1<<21)
			step := func(k uint64) {
				w := m[k]
				if w == nil {
					w = new([3]uint64)
					m[k] = w
				}
				w[0]++
				w[1] += k
				w[2] = max(w[2], k)
			}
			for _, k := range keys {
				step(k)
			}
			b.ResetTimer()
			for i := range b.N {
				step(keys[i&(1<<21-1)])
			}
		})
	}
}

// byteKeys turns keys into byte keys of 9 to 16 bytes.
func byteKeys(keys []uint64) (data []byte, off []uint32) {
	off = []uint32{0}
	for _, k := range keys {
		data = fmt.Appendf(data, "user-%06d", k)
		off = append(off, uint32(len(data)))
	}
	return data, off
}

// BenchmarkSlotsBytes is FindOrAddBytes with hashes and a counter; ns/op is ns a row.
func BenchmarkSlotsBytes(b *testing.B) {
	for _, groups := range benchSizes {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			s, _ := newSlots(0, 3)
			data, off := byteKeys(benchKeys(groups, 1<<21))
			slots := make([]int32, benchBatch)
			batches := (len(off) - 1) / benchBatch
			step := func(i int) {
				o := off[i%batches*benchBatch:][:benchBatch+1]
				s.FindOrAddBytes(data, o, nil, slots)
				for _, slot := range slots {
					s.Vals(slot)[0]++
				}
				s.Touch(slots)
			}
			for i := range batches {
				step(i)
			}
			b.ResetTimer()
			for i := 0; i < b.N; i += benchBatch {
				step(i / benchBatch)
			}
		})
	}
}

// BenchmarkGoMapBytes is the same with a Go map, for comparison.
func BenchmarkGoMapBytes(b *testing.B) {
	for _, groups := range benchSizes {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			m := map[string]*[3]uint64{}
			data, off := byteKeys(benchKeys(groups, 1<<21))
			step := func(i int) {
				k := data[off[i]:off[i+1]]
				w := m[string(k)]
				if w == nil {
					w = new([3]uint64)
					m[string(k)] = w
				}
				w[0]++
			}
			for i := range len(off) - 1 {
				step(i)
			}
			b.ResetTimer()
			for i := range b.N {
				step(i & (1<<21 - 1))
			}
		})
	}
}

// BenchmarkSlotsDump is what Begin does for slots of nine words that have all changed; reports ns a group.
func BenchmarkSlotsDump(b *testing.B) {
	for _, groups := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			s := benchSlots(groups, b)
			d := &dump{}
			prefix := tablePrefix(1, 0)
			b.ResetTimer()
			for range b.N {
				d.reset()
				s.markAll()
				s.dump(d, prefix)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*groups), "ns/group")
			b.ReportMetric(float64(d.bytes)/float64(groups), "B/group")
		})
	}
}

// benchSlots returns slots of two key words and seven value words that look like an aggregate's.
func benchSlots(groups int, b *testing.B) *Slots {
	s, err := newSlots(2, 7)
	if err != nil {
		b.Fatal(err)
	}
	fillBench(s, groups)
	return s
}

func fillBench(s *Slots, groups int) {
	r := rand.New(rand.NewPCG(1, 1))
	perm := r.Perm(groups)
	out := make([]int32, 1)
	for _, k := range perm {
		s.FindOrAdd([]uint64{725_846_400_000_000, uint64(k)}, nil, out)
		w := s.Vals(out[0])
		w[0], w[1], w[2], w[3] = uint64(r.IntN(200)), uint64(r.IntN(1e6)), uint64(r.IntN(1e4)), uint64(r.IntN(1e4))
	}
}

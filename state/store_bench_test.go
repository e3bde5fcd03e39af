package state

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCheckpoint is Begin and Commit of slots of nine words with the default options. dirty=all: every group has
// changed; 1%: every hundredth, at random. Reports ns a changed group for both parts.
func BenchmarkCheckpoint(b *testing.B) {
	for _, groups := range []int{10_000, 1_000_000} {
		for _, percent := range []int{1, 20, 100} {
			b.Run(fmt.Sprintf("groups=%d/dirty=%d%%", groups, percent), func(b *testing.B) {
				s, slots := benchStore(b, b.TempDir(), groups)
				defer s.Close()
				r := rand.New(rand.NewPCG(2, 2))
				touched := make([]int32, groups*percent/100)
				begin := float64(0)
				b.ResetTimer()
				for i := range b.N {
					b.StopTimer()
					for j := range touched {
						touched[j] = int32(r.IntN(groups))
						if percent == 100 {
							touched[j] = int32(j)
						}
						slots.Vals(touched[j])[0]++
					}
					slots.Touch(touched)
					b.StartTimer()
					at := b.Elapsed()
					c := s.Begin()
					begin += float64((b.Elapsed() - at).Nanoseconds())
					if err := c.Commit(context.Background(), payload(i)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(begin/float64(b.N), "begin-ns/op")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(touched)), "ns/changed")
			})
		}
	}
}

// benchStore returns a store with slots that are in a checkpoint.
func benchStore(b *testing.B, dir string, groups int) (*Store, *Slots) {
	b.Helper()
	s := openStore(b, Options{Dir: dir})
	slots, err := s.Space(1).Slots("g", 2, 7)
	if err != nil {
		b.Fatal(err)
	}
	if slots.Len() == 0 {
		fillBench(slots, groups)
	}
	s.Space(1).Attach()
	commit(b, s, 0)
	return s, slots
}

// BenchmarkRestore is Open and loading slots of nine words.
func BenchmarkRestore(b *testing.B) {
	for _, groups := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			dir := b.TempDir()
			s, _ := benchStore(b, dir, groups)
			s.Close()
			open := float64(0)
			b.ResetTimer()
			for range b.N {
				at := b.Elapsed()
				s := openStore(b, Options{Dir: dir})
				open += float64((b.Elapsed() - at).Nanoseconds())
				slots, err := s.Space(1).Slots("g", 2, 7)
				if err != nil || slots.Len() != groups {
					b.Fatal(slots.Len(), err)
				}
				b.StopTimer()
				s.Close()
				b.StartTimer()
			}
			b.ReportMetric(open/float64(b.N), "open-ns/op")
		})
	}
}

// BenchmarkTable is Get, Put of a known key, and Put of new keys in random order; 16-byte keys, 48-byte values.
func BenchmarkTable(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		perm := rand.New(rand.NewPCG(3, 3)).Perm(n)
		key := func(i int) []byte {
			k := binary.BigEndian.AppendUint64(nil, 1)
			return binary.BigEndian.AppendUint64(k, uint64(perm[i%n]))
		}
		value := make([]byte, 48)
		t := &Table{tracked: true}
		b.Run(fmt.Sprintf("new/rows=%d", n), func(b *testing.B) {
			for i := range b.N {
				if i%n == 0 {
					t = &Table{tracked: true}
				}
				t.Put(key(i), value)
			}
		})
		for i := range n {
			t.Put(key(i), value)
		}
		b.Run(fmt.Sprintf("get/rows=%d", n), func(b *testing.B) {
			for i := range b.N {
				if _, ok := t.Get(key(i)); !ok {
					b.Fatal("a key is missing")
				}
			}
		})
		b.Run(fmt.Sprintf("put/rows=%d", n), func(b *testing.B) {
			for i := range b.N {
				value[0] = byte(i)
				t.Put(key(i), value)
			}
		})
	}
}

package kafka

import (
	"math/bits"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The buffers kept for reuse are 4 KiB to 4 MiB large, by powers of two: the client zeroes all of a buffer each time, so
// a small batch must not get a large one. Batches are mostly at most 1 MiB unpacked.
const (
	pooledBitsMin = 12
	pooledBitsMax = 22
)

// unpackFactor is how much larger than compressed a batch is expected to be: JSON shrinks to a third or quarter.
const unpackFactor = 6

// bytePool reuses the buffers that fetched batches are decompressed into; record keys and values alias them until
// Recycle.
type bytePool struct {
	classes [pooledBitsMax - pooledBitsMin + 1]sync.Pool // class i: buffers of at least 1<<(i+pooledBitsMin) bytes
}

func (p *bytePool) GetDecompressBytes(compressed []byte, _ kgo.CompressionCodecType) []byte {
	need := bits.Len(uint(len(compressed)*unpackFactor - 1))
	class := max(need-pooledBitsMin, 0)
	if class >= len(p.classes) {
		return make([]byte, 0, len(compressed)*unpackFactor)
	}
	if v, ok := p.classes[class].Get().(*[]byte); ok {
		return *v
	}
	return make([]byte, 0, 1<<(class+pooledBitsMin))
}

func (p *bytePool) PutDecompressBytes(b []byte) {
	class := bits.Len(uint(cap(b))) - 1 - pooledBitsMin
	if class < 0 || class >= len(p.classes) {
		return
	}
	b = b[:0]
	p.classes[class].Put(&b)
}

// recordPool reuses the client's slices of records.
type recordPool struct{ p sync.Pool }

func (p *recordPool) GetRecords(n int) []kgo.Record {
	if v, ok := p.p.Get().(*[]kgo.Record); ok {
		return *v
	}
	return make([]kgo.Record, 0, n)
}

func (p *recordPool) PutRecords(r []kgo.Record) {
	r = r[:0]
	p.p.Put(&r)
}

package kafka

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pooledBytesMax is the largest decompression buffer kept for reuse: a fetch of 512 KiB unpacks to less.
const pooledBytesMax = 16 << 20

// bytePool reuses the buffers that fetched batches are decompressed into; record keys and values alias them until
// Recycle.
type bytePool struct{ p sync.Pool }

func (p *bytePool) GetDecompressBytes(compressed []byte, _ kgo.CompressionCodecType) []byte {
	if v, ok := p.p.Get().(*[]byte); ok {
		return *v
	}
	return make([]byte, 0, len(compressed)*6)
}

func (p *bytePool) PutDecompressBytes(b []byte) {
	if cap(b) <= pooledBytesMax {
		b = b[:0]
		p.p.Put(&b)
	}
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

package state

import "encoding/binary"

// Sizes of a dump: records lie in chunks, so that it grows without copying; what one checkpoint needed stays for the
// next one, up to dumpKeepChunks.
const (
	dumpChunk      = 1 << 20
	dumpKeepChunks = 64
	dumpHead       = 8
	dumpDelete     = ^uint32(0) // as the value's length: the key is deleted
)

// dump is what a checkpoint copied under the tick lock: a list of records (key length, value length, key, value), in
// the order they were put. It is reused from checkpoint to checkpoint, so that a warm one takes no page faults.
type dump struct {
	chunks [][]byte // full ones are cut to what they hold
	at     int      // the chunk being filled
	fill   int      // bytes used of it
	val    int      // where the open record's value begins
	rows   int
	bytes  int // of keys and values
}

// reset empties the dump and keeps its chunks.
func (d *dump) reset() {
	kept := d.chunks[:0]
	for _, c := range d.chunks {
		if cap(c) == dumpChunk && len(kept) < dumpKeepChunks {
			kept = append(kept, c[:dumpChunk])
		}
	}
	clear(d.chunks[len(kept):])
	*d = dump{chunks: kept}
}

// open starts a record; the value is to be appended to the slice returned, which has room for max bytes.
func (d *dump) open(prefix, body []byte, max int) []byte {
	n := len(prefix) + len(body)
	need := dumpHead + n + max
	if d.at >= len(d.chunks) {
		d.addChunk(need)
	} else if d.fill+need > len(d.chunks[d.at]) {
		d.chunks[d.at] = d.chunks[d.at][:d.fill]
		d.at, d.fill = d.at+1, 0
		if d.at == len(d.chunks) || need > dumpChunk {
			d.addChunk(need)
		}
	}
	buf := d.chunks[d.at]
	binary.LittleEndian.PutUint32(buf[d.fill:], uint32(n))
	copy(buf[d.fill+dumpHead:], prefix)
	copy(buf[d.fill+dumpHead+len(prefix):], body)
	d.val = d.fill + dumpHead + n
	return buf[d.val:d.val]
}

// addChunk inserts a fresh chunk at the place being filled.
func (d *dump) addChunk(need int) {
	d.chunks = append(d.chunks, nil)
	copy(d.chunks[d.at+1:], d.chunks[d.at:])
	d.chunks[d.at] = make([]byte, max(need, dumpChunk))
}

// close ends the record: val is the slice that open returned, appended to.
func (d *dump) close(val []byte) {
	binary.LittleEndian.PutUint32(d.chunks[d.at][d.fill+4:], uint32(len(val)))
	d.bytes += d.val - d.fill - dumpHead + len(val)
	d.fill = d.val + len(val)
	d.rows++
}

// delete adds the record that a key is gone.
func (d *dump) delete(prefix, body []byte) {
	d.open(prefix, body, 0)
	d.close(nil)
	head := d.val - dumpHead - len(prefix) - len(body)
	binary.LittleEndian.PutUint32(d.chunks[d.at][head+4:], dumpDelete)
}

// each calls f for every record; key and value stay as they are until reset. deleted: there is no value.
func (d *dump) each(f func(key, value []byte, deleted bool) error) error {
	for i := 0; i <= d.at && i < len(d.chunks); i++ {
		c := d.chunks[i]
		if i == d.at {
			c = c[:d.fill]
		}
		for len(c) > 0 {
			k := dumpHead + int(binary.LittleEndian.Uint32(c))
			v := binary.LittleEndian.Uint32(c[4:])
			deleted := v == dumpDelete
			end := k
			if !deleted {
				end += int(v)
			}
			if err := f(c[dumpHead:k:k], c[k:end:end], deleted); err != nil {
				return err
			}
			c = c[end:]
		}
	}
	return nil
}

package kafka

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// kfake ends a transaction by writing a marker to one partition after the other, and remembers nothing of it before.
// Killed in between, it would come back with a transaction committed in one partition and aborted in another. And it
// writes no marker for what it takes as aborted, so that a later transaction of the same producer would end the old
// one too: aborted records would show, or committed ones vanish. Therefore:
//
//   - the broker writes each commit it is asked for to a file of its own before kfake begins with it (commitSlot);
//   - after a crash, before kfake looks at its directory, the markers that are missing are written: commit for the
//     transaction of that file, abort for every other that is open (repairTxns). Producers of these transactions get
//     a new epoch, as kfake would give them.
//
// The on-disk layout is kfake's version 1 (persist.go there): partitions/<topic>-<p>/<base>.dat holds record batches
// as on the wire, <base>.idx 15 bytes for each; pids.log is framed JSON. TestBrokerTornCommit and
// TestBrokerOpenTransaction fail when that changes.

// commitSlot is the file that names the transaction being committed. One is enough: the broker does one thing at a
// time, so that the transaction before has all its markers.
type commitSlot struct {
	f    *os.File
	sync bool
}

const slotName = "commit.slot"

// txnID names one transaction: clients of today (EndTxn version 5) have a new epoch for each.
type txnID struct {
	producer int64
	epoch    int16
}

func openSlot(dir string, sync bool) (*commitSlot, error) {
	f, err := os.OpenFile(filepath.Join(dir, slotName), os.O_CREATE|os.O_RDWR, 0o600)
	return &commitSlot{f, sync}, err
}

// put notes that the transaction is about to be committed.
func (s *commitSlot) put(id txnID) error {
	b := binary.BigEndian.AppendUint64(nil, uint64(id.producer))
	b = binary.BigEndian.AppendUint16(b, uint16(id.epoch))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if _, err := s.f.WriteAt(b, 0); err != nil {
		return err
	}
	if s.sync {
		return s.f.Sync()
	}
	return nil
}

// get returns the transaction noted last.
func (s *commitSlot) get() (id txnID, ok bool) {
	var b [14]byte
	if _, err := s.f.ReadAt(b[:], 0); err != nil || binary.BigEndian.Uint32(b[10:]) != crc32.Checksum(b[:10], castagnoli) {
		return id, false
	}
	return txnID{int64(binary.BigEndian.Uint64(b[:])), int16(binary.BigEndian.Uint16(b[8:]))}, true
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// observe returns the function that sees every EndTxn request before kfake does. For a commit that cannot be noted the
// connection is closed; keep makes kfake call the function again after that.
func (s *commitSlot) observe(keep func(), log *slog.Logger) func(kmsg.Request) (kmsg.Response, error, bool) {
	return func(r kmsg.Request) (kmsg.Response, error, bool) {
		req, ok := r.(*kmsg.EndTxnRequest)
		if !ok || !req.Commit || req.Version < 5 {
			return nil, nil, false
		}
		if err := s.put(txnID{req.ProducerID, req.ProducerEpoch}); err != nil {
			log.Error("embedded broker: cannot note a commit", "error", err)
			keep()
			return nil, err, true
		}
		return nil, nil, false
	}
}

// repairTxns writes the markers that are missing after a crash, and what is known of idempotent producers (sequences.go).
func repairTxns(dir string, slot *commitSlot, log *slog.Logger) error {
	commit, hasCommit := slot.get()
	parts, err := os.ReadDir(filepath.Join(dir, "partitions"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	ended := map[txnID]bool{} // whether committed
	var sequences []*seqWindow
	for _, p := range parts {
		l, err := scanPartition(filepath.Join(dir, "partitions", p.Name()))
		if err != nil {
			return fmt.Errorf("repair partition %s: %w", p.Name(), err)
		}
		sequences = append(sequences, l.sequences(p.Name())...)
		for _, id := range l.openTxns() {
			committed := hasCommit && id == commit
			if err := l.appendMarker(id, committed); err != nil {
				return fmt.Errorf("repair partition %s: %w", p.Name(), err)
			}
			ended[id] = committed
			log.Info("embedded broker: ended a transaction that a crash left open", "partition", p.Name(), "producer", id.producer, "committed", committed)
		}
	}
	if err := writeSequences(dir, sequences); err != nil {
		return fmt.Errorf("repair the sequences of producers: %w", err)
	}
	return bumpEpochs(filepath.Join(dir, "pids.log"), ended)
}

// partLog is what a scan finds in a partition's directory.
type partLog struct {
	dir         string
	last        int64 // base of the last segment; -1: none
	next        int64 // offset after the last batch
	leaderEpoch int32
	open        map[int64]int16 // producers with an open transaction, and their epochs
	windows     map[int64]*seqWindow
}

// scanPartition reads a partition's segments, cutting off what is torn, and completes their indexes.
func scanPartition(dir string) (*partLog, error) {
	l := &partLog{dir: dir, last: -1, open: map[int64]int16{}, windows: map[int64]*seqWindow{}}
	names, err := filepath.Glob(filepath.Join(globQuote(dir), "*.dat"))
	if err != nil {
		return nil, err
	}
	var bases []int64
	for _, n := range names {
		base, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(n), ".dat"), 10, 64)
		if err == nil {
			bases = append(bases, base)
		}
	}
	slices.Sort(bases)
	for _, base := range bases {
		if err := l.scanSegment(base); err != nil {
			return nil, err
		}
		l.last, l.next = base, max(l.next, base)
	}
	return l, nil
}

// globQuote keeps a directory's own characters from being taken as a pattern.
func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// The layout of a record batch's header.
const (
	batchLengthAt     = 8
	batchEpochAt      = 12
	batchCRCAt        = 17
	batchAttributesAt = 21
	batchLastDeltaAt  = 23
	batchProducerAt   = 43
	batchProdEpochAt  = 51
	batchHeaderSize   = 61

	attrTransactional = 0x10
	attrControl       = 0x20
)

const indexEntrySize = 15

func (l *partLog) file(base int64, ext string) string {
	return filepath.Join(l.dir, strconv.FormatInt(base, 10)+ext)
}

func (l *partLog) scanSegment(base int64) error {
	raw, err := os.ReadFile(l.file(base, ".dat"))
	if err != nil {
		return err
	}
	var index []byte // what the index should at least hold
	pos := 0
	for pos+batchHeaderSize <= len(raw) {
		size := 12 + int(int32(binary.BigEndian.Uint32(raw[pos+batchLengthAt:])))
		if size < batchHeaderSize || size > len(raw)-pos {
			break
		}
		b := raw[pos : pos+size]
		if crc32.Checksum(b[batchAttributesAt:], castagnoli) != binary.BigEndian.Uint32(b[batchCRCAt:]) {
			break
		}
		index = append(index, l.batch(b)...)
		pos += size
	}
	if pos < len(raw) {
		if err := os.Truncate(l.file(base, ".dat"), int64(pos)); err != nil {
			return err
		}
	}
	return l.fixIndex(base, index)
}

// batch notes one batch and returns its index entry.
func (l *partLog) batch(b []byte) []byte {
	attrs := binary.BigEndian.Uint16(b[batchAttributesAt:])
	producer := int64(binary.BigEndian.Uint64(b[batchProducerAt:]))
	inTxn := attrs&(attrTransactional|attrControl) == attrTransactional
	if inTxn {
		l.open[producer] = int16(binary.BigEndian.Uint16(b[batchProdEpochAt:]))
	}
	if attrs&attrControl != 0 {
		delete(l.open, producer)
	}
	l.leaderEpoch = int32(binary.BigEndian.Uint32(b[batchEpochAt:]))
	l.sequence(b, int64(binary.BigEndian.Uint64(b)))
	l.next = int64(binary.BigEndian.Uint64(b)) + int64(binary.BigEndian.Uint32(b[batchLastDeltaAt:])) + 1
	return indexEntry(l.leaderEpoch, inTxn)
}

// indexEntry is kfake's encodeIndexEntry; it computes the timestamp anew when it loads.
func indexEntry(epoch int32, inTxn bool) []byte {
	b := make([]byte, indexEntrySize)
	b[0] = 1
	binary.LittleEndian.PutUint32(b[2:], uint32(epoch))
	if inTxn {
		b[14] = 1
	}
	b[1] = byte(crc32.Checksum(b[2:], castagnoli))
	return b
}

// fixIndex appends the entries that the index lacks (its last one may be torn) and drops those beyond the batches.
func (l *partLog) fixIndex(base int64, want []byte) error {
	have, err := os.ReadFile(l.file(base, ".idx"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := min(len(have)/indexEntrySize*indexEntrySize, len(want))
	if len(have) == len(want) {
		return nil
	}
	return os.WriteFile(l.file(base, ".idx"), append(have[:whole:whole], want[whole:]...), 0o644)
}

// openTxns lists the open transactions in a fixed order.
func (l *partLog) openTxns() []txnID {
	var out []txnID
	for p, e := range l.open {
		out = append(out, txnID{p, e})
	}
	slices.SortFunc(out, func(a, b txnID) int { return cmp.Compare(a.producer, b.producer) })
	return out
}

// appendMarker ends a transaction in the partition.
func (l *partLog) appendMarker(id txnID, commit bool) error {
	b := marker(id, commit, l.next, l.leaderEpoch)
	if err := appendFile(l.file(l.last, ".dat"), b); err != nil {
		return err
	}
	l.next++
	return appendFile(l.file(l.last, ".idx"), indexEntry(l.leaderEpoch, false))
}

func appendFile(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// marker is the control batch that ends a transaction.
func marker(id txnID, commit bool, offset int64, leaderEpoch int32) []byte {
	key := kmsg.ControlRecordKey{Type: kmsg.ControlRecordKeyTypeAbort}
	if commit {
		key.Type = kmsg.ControlRecordKeyTypeCommit
	}
	end := kmsg.EndTxnMarker{}
	rec := kmsg.Record{Key: key.AppendTo(nil), Value: end.AppendTo(nil)}
	rec.Length = int32(len(rec.AppendTo(nil)) - 1) // without the byte that holds the length
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{
		FirstOffset: offset, PartitionLeaderEpoch: leaderEpoch, Magic: 2, Attributes: attrControl | attrTransactional,
		FirstTimestamp: now, MaxTimestamp: now, ProducerID: id.producer, ProducerEpoch: id.epoch, FirstSequence: -1,
		NumRecords: 1, Records: rec.AppendTo(nil),
	}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[batchLengthAt:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[batchCRCAt:], crc32.Checksum(raw[batchAttributesAt:], castagnoli))
	return raw
}

// pidEntry is an entry of pids.log.
type pidEntry struct {
	Type   string `json:"type"`
	PID    int64  `json:"pid"`
	Epoch  int16  `json:"epoch"`
	Commit *bool  `json:"commit,omitempty"`
}

// bumpEpochs gives the producers of ended transactions a new epoch, so that one that lives on cannot add to them.
func bumpEpochs(name string, ended map[txnID]bool) error {
	if len(ended) == 0 {
		return nil
	}
	raw, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if valid := framedEnd(raw); valid < len(raw) {
		if err := os.Truncate(name, int64(valid)); err != nil {
			return err
		}
	}
	var out []byte
	for id, committed := range ended {
		if id.epoch == 1<<15-1 {
			continue // the broker gives a new producer id then
		}
		data, err := json.Marshal(pidEntry{Type: "endtx", PID: id.producer, Epoch: id.epoch + 1, Commit: &committed})
		if err != nil {
			return err
		}
		out = append(out, framed(data)...)
	}
	return appendFile(name, out)
}

// framed is kfake's frame: length, CRC, version, data.
func framed(data []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(2+len(data)))
	body := append([]byte{1, 0}, data...)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	return append(b, body...)
}

// framedEnd returns where the last whole entry ends.
func framedEnd(raw []byte) int {
	pos := 0
	for pos+10 <= len(raw) {
		n := int(binary.LittleEndian.Uint32(raw[pos:]))
		if n < 2 || n > len(raw)-pos-8 || crc32.Checksum(raw[pos+8:pos+8+n], castagnoli) != binary.LittleEndian.Uint32(raw[pos+4:]) {
			break
		}
		pos += 8 + n
	}
	return pos
}

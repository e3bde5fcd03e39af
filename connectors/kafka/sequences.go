package kafka

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// kfake recognizes a batch that an idempotent producer sends again by the last five batches it took from it, and
// writes them down only when it is closed. Killed, it would take a batch whose acknowledgement was lost a second time,
// or refuse what follows by what it wrote down long ago. After a crash they are read from the logs, which have them:
// TestBrokerIdempotentAfterCrash.

const (
	batchSequenceAt = 53
	sequencesName   = "seq_windows.json"
)

// seqEntry is one batch: sequence numbers from FirstSeq up to, not including, NextSeq.
type seqEntry struct {
	FirstSeq int32 `json:"first_seq"`
	NextSeq  int32 `json:"next_seq"`
	Offset   int64 `json:"offset"`
}

// seqWindow is a producer's last batches in one partition, a ring; kfake's persistSeqWindowEntry.
type seqWindow struct {
	PID     int64       `json:"pid"`
	Topic   string      `json:"topic"`
	Part    int32       `json:"partition"`
	Entries [5]seqEntry `json:"entries"`
	Count   uint8       `json:"count"`
	At      uint8       `json:"at"`
	Epoch   int16       `json:"epoch"`
	Seen    bool        `json:"seen"`
	NextSeq int32       `json:"next_seq"`
}

// add notes a batch as kfake does when it takes one.
func (w *seqWindow) add(epoch int16, e seqEntry) {
	if !w.Seen || w.Epoch != epoch {
		*w = seqWindow{PID: w.PID, Epoch: epoch, Seen: true}
	}
	w.Entries[w.At] = e
	w.At = (w.At + 1) % uint8(len(w.Entries))
	w.Count = min(w.Count+1, uint8(len(w.Entries)))
	w.NextSeq = e.NextSeq
}

// sequence notes the sequence numbers of a data batch that starts at offset. A gap before it was left by compaction:
// batches of any producer may have been there, so that what was known before does not tell the next number.
func (l *partLog) sequence(b []byte, offset int64) {
	if offset != l.next {
		clear(l.windows)
	}
	producer := int64(binary.BigEndian.Uint64(b[batchProducerAt:]))
	first := int32(binary.BigEndian.Uint32(b[batchSequenceAt:]))
	if producer < 0 || first < 0 || binary.BigEndian.Uint16(b[batchAttributesAt:])&attrControl != 0 {
		return
	}
	w := l.windows[producer]
	if w == nil {
		w = &seqWindow{PID: producer}
		l.windows[producer] = w
	}
	records := int64(binary.BigEndian.Uint32(b[batchLastDeltaAt:])) + 1
	next := int32((int64(first) + records) % math.MaxInt32)
	w.add(int16(binary.BigEndian.Uint16(b[batchProdEpochAt:])), seqEntry{first, next, offset})
}

// sequences lists the windows of a partition whose directory has the given name.
func (l *partLog) sequences(name string) []*seqWindow {
	i := strings.LastIndexByte(name, '-')
	part, err := strconv.ParseInt(name[i+1:], 10, 32)
	if i < 0 || err != nil {
		return nil
	}
	var out []*seqWindow
	for _, w := range l.windows {
		w.Topic, w.Part = name[:i], int32(part)
		out = append(out, w)
	}
	return out
}

// writeSequences replaces the file that kfake reads them from.
func writeSequences(dir string, ws []*seqWindow) error {
	raw, err := json.Marshal(struct {
		Version int          `json:"version"`
		Windows []*seqWindow `json:"windows"`
	}{1, ws})
	if err != nil {
		return err
	}
	name := filepath.Join(dir, sequencesName)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

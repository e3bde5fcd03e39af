package kafka

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"streamsql/connectors"
	"streamsql/internal/types"
)

// holdFetches makes the broker answer consumers' fetches with nothing while hold is set; the fetcher's own, which ask
// for fewer bytes, are answered.
func holdFetches(b *Broker, hold *atomic.Bool) (held *atomic.Int64) {
	held = &atomic.Int64{}
	b.cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		req := r.(*kmsg.FetchRequest)
		if !hold.Load() || req.MaxBytes == fetcherBytes {
			return nil, nil, false
		}
		b.cluster.KeepControl()
		held.Add(1)
		return req.ResponseKind(), nil, true
	})
	return held
}

// TestSourceProbe ends though no record, not even a control record, ever comes for the rest of the partition.
func TestSourceProbe(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	t.Cleanup(b.Close)
	r := rigAt(t, b.Addr())
	top := r.topic("t", 2)
	r.fill(top, 0, 0, 1)
	r.foreign(kgo.TryAbort, rec(top, 0, "", `{"n":-1}`), rec(top, 1, "", `{"n":-1}`))
	var hold atomic.Bool
	hold.Store(true)
	holdFetches(b, &hold)
	s := spec(top)
	s.Until = r.ends(top)
	rows, pos := r.all(r.open(s, connectors.Offsets{0: 1}))
	if len(rows) != 0 || pos[0] != 3 || pos[1] != 2 {
		t.Fatalf("rows %v, positions %v", rows, pos)
	}
}

// TestSourceOutrun has records deleted before a running source has read them: it goes on with what is left.
func TestSourceOutrun(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	t.Cleanup(b.Close)
	r := rigAt(t, b.Addr())
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 2)
	src := r.open(spec(top), nil)
	equal(t, r.rows(src, 2), numbers(0, 2))
	var hold atomic.Bool
	hold.Store(true)
	held := holdFetches(b, &hold)
	r.until("no fetch of before is on its way", func() bool { return held.Load() > 0 })
	r.fill(top, 0, 2, 4)
	if _, err := r.c.admin.DeleteRecords(r.ctx, offsetsFor(top, 5)); err != nil {
		t.Fatal(err)
	}
	hold.Store(false)
	equal(t, r.rows(src, 1), numbers(5, 1))
	r.fill(top, 0, 6, 1)
	equal(t, r.rows(src, 1), numbers(6, 1))
}

// TestSourceTextRowtime reads ROWTIME from a text.
func TestSourceTextRowtime(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.produce(rec(top, 0, "", `{"at":"1970-01-01T00:00:01.5Z"}`), rec(top, 0, "", `{"at":"x"}`), rec(top, 0, "", `{"at":null}`))
	s := spec(top, connectors.Column{Name: "at", Type: types.T(types.Text)},
		connectors.Column{Name: "rowtime", Type: types.T(types.Int8), From: connectors.Timestamp},
		connectors.Column{Name: "p", Type: types.T(types.Int4), From: connectors.Partition})
	s.TimestampColumn, s.TimestampFormat, s.Until = "at", "yyyy-MM-dd'T'HH:mm:ss.SSSX", r.ends(top)
	c := r.poll(r.open(s, nil))
	equal(t, chunkRows(c), []string{"+1 1970-01-01T00:00:01.5Z 1500 0"})
	if len(c.Bad) != 2 || !strings.HasPrefix(c.Bad[0].Err.Error(), `column "at": `) {
		t.Fatalf("bad %v", c.Bad)
	}
}

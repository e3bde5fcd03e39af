package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func TestSourceReadsAll(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 3)
	const n = 10_000
	for p := range int32(3) {
		r.fill(top, p, int(p)*n, n)
	}
	s := spec(top)
	s.Until = r.ends(top)
	src := r.open(s, nil)
	got := map[int32][]string{}
	for {
		c, err := src.Poll(r.ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Batch.Rows() > batch.RowsMax {
			t.Fatalf("a batch of %d rows", c.Batch.Rows())
		}
		if len(got[c.Partition])+c.Records != int(c.Next) {
			t.Fatalf("partition %d: next %d after %d rows and a chunk of %d", c.Partition, c.Next, len(got[c.Partition]), c.Records)
		}
		if ms := c.MaxTime.UnixMilli(); ms != 1_700_000_000_000 {
			t.Fatalf("max time %d", ms)
		}
		got[c.Partition] = append(got[c.Partition], chunkRows(c)...)
	}
	for p := range int32(3) {
		equal(t, got[p], numbers(int(p)*n, n))
	}
	if _, err := src.Poll(r.ctx); !errors.Is(err, io.EOF) {
		t.Fatalf("after the end: %v", err)
	}
	if st := src.Status(); st != "ok" {
		t.Fatalf("status %q", st)
	}
}

func TestSourcePositions(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 2)
	r.fill(top, 0, 0, 10)
	r.fill(top, 1, 100, 10)
	s := spec(top)
	s.Until = connectors.Offsets{0: 7, 1: 3}
	rows, pos := r.all(r.open(s, connectors.Offsets{0: 4}))
	slices.Sort(rows)
	equal(t, rows, []string{"+1 100", "+1 101", "+1 102", "+1 4", "+1 5", "+1 6"})
	if pos[0] != 7 || pos[1] != 3 {
		t.Fatalf("positions %v", pos)
	}
}

// TestSourceUntilEmpty has nothing to read: an empty topic, a position at the end, and partitions that Until lacks.
func TestSourceUntilEmpty(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 2)
	r.fill(top, 1, 0, 5)
	for _, c := range []struct{ until, from connectors.Offsets }{
		{connectors.Offsets{0: 0, 1: 0}, nil},
		{connectors.Offsets{}, nil},
		{connectors.Offsets{0: 0, 1: 5}, connectors.Offsets{1: 5}},
	} {
		s := spec(top)
		s.Until = c.until
		if rows, _ := r.all(r.open(s, c.from)); len(rows) != 0 {
			t.Fatalf("until %v: rows %v", c.until, rows)
		}
	}
}

func TestSourceReadCommitted(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 2)
	r.foreign(kgo.TryAbort, rec(top, 0, "", `{"n":-1}`), rec(top, 0, "", `{"n":-2}`))
	r.foreign(kgo.TryCommit, rec(top, 0, "", `{"n":2}`))
	r.fill(top, 0, 3, 1)
	r.foreign(kgo.TryAbort, rec(top, 0, "", `{"n":-3}`)) // the log ends in an aborted transaction
	s := spec(top)
	s.Until = r.ends(top)
	if s.Until[0] != 10 {
		t.Fatalf("end %v", s.Until)
	}
	rows, pos := r.all(r.open(s, nil))
	equal(t, rows, numbers(0, 4))
	if pos[0] != 10 {
		t.Fatalf("position %v", pos)
	}
}

// TestSourceOpenTransaction: what is not committed yet is not read, and neither is what comes after it.
func TestSourceOpenTransaction(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	cl, err := r.c.transactional("x")
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(r.ctx, rec(top, 0, "", `{"n":0}`)).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.fill(top, 0, 1, 1)
	if end := r.ends(top); end[0] != 0 {
		t.Fatalf("stable end %v", end)
	}
	src := r.open(spec(top), nil)
	short, cancel := context.WithTimeout(r.ctx, 300*time.Millisecond)
	defer cancel()
	if c, err := src.Poll(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, %v", c, err)
	}
	if err := cl.EndTransaction(r.ctx, kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	equal(t, r.rows(src, 2), numbers(0, 2))
}

func TestSourceTxnGrouping(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	w, err := r.c.Writer(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	row := func(n int) connectors.Record {
		return connectors.Record{Topic: top, Value: fmt.Appendf(nil, `{"n":%d}`, n)}
	}
	write := func(recs ...connectors.Record) {
		if _, err := w.Write(r.ctx, recs); err != nil {
			t.Fatal(err)
		}
	}
	write(row(0))
	write(row(1), row(2))
	write(row(3), row(4), row(5))
	write(row(6))
	r.produce(&kgo.Record{Topic: top, Value: []byte(`{"n":7}`), Headers: []kgo.RecordHeader{{Key: TxnHeader, Value: []byte("half")}}})
	s := spec(top)
	s.Until = r.ends(top)
	src := r.open(s, nil)
	var got []string
	ids := map[string]bool{}
	for {
		c, err := src.Poll(r.ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Batch.Rows() > 0 {
			got = append(got, fmt.Sprint(c.Txn != "", c.TxnRecords, chunkRows(c)))
			ids[c.Txn] = true
		}
	}
	equal(t, got, []string{"false 0 [+1 0]", "true 2 [+1 1 +1 2]", "true 3 [+1 3 +1 4 +1 5]", "false 0 [+1 6 +1 7]"})
	if len(ids) != 3 {
		t.Fatalf("transaction ids %v", ids)
	}
}

func badColumns() []connectors.Column {
	return []connectors.Column{
		{Name: "k", Type: types.T(types.Text), From: connectors.Key},
		{Name: "n", Type: types.T(types.Int8)},
		{Name: "o", Type: types.T(types.Int8), From: connectors.Offset},
	}
}

func (r *rig) badTopic() string {
	top := r.topic("bad", 1)
	r.produce(rec(top, 0, `"a"`, `{"n":1}`), rec(top, 0, `"b"`, `{"n":"x"}`), rec(top, 0, `"c"`, `{`), rec(top, 0, `"d"`, `{"n":4}`),
		&kgo.Record{Topic: top, Key: []byte(`"e"`)})
	return top
}

func TestSourceOnErrorSkip(t *testing.T) {
	r := newRig(t)
	top := r.badTopic()
	s := spec(top, badColumns()...)
	s.Until = r.ends(top)
	src := r.open(s, nil)
	c := r.poll(src)
	equal(t, chunkRows(c), []string{"+1 a 1 0", "+1 d 4 3"})
	if c.Records != 5 || c.Next != 5 || len(c.Bad) != 3 {
		t.Fatalf("records %d, next %d, bad %v", c.Records, c.Next, c.Bad)
	}
	var got []string
	for _, b := range c.Bad {
		got = append(got, fmt.Sprintf("%s %d %d %s %s %s", b.Topic, b.Partition, b.Offset, b.Key, b.Value, pgerr.Code(b.Err)))
	}
	equal(t, got, []string{`bad 0 1 "b" {"n":"x"} 22P02`, `bad 0 2 "c" { 22P02`, `bad 0 4 "e"  22004`})
	if !strings.Contains(c.Bad[0].Err.Error(), `column "n"`) || c.Bad[0].Time.UnixMilli() != 1_700_000_000_000 {
		t.Fatalf("bad record %v at %v", c.Bad[0].Err, c.Bad[0].Time)
	}
}

func TestSourceOnErrorNull(t *testing.T) {
	r := newRig(t)
	top := r.badTopic()
	s := spec(top, badColumns()...)
	s.Until, s.OnError = r.ends(top), "null"
	c := r.poll(r.open(s, nil))
	equal(t, chunkRows(c), []string{"+1 a 1 0", "+1 b NULL 1", "+1 c NULL 2", "+1 d 4 3", "+1 e NULL 4"})
	if len(c.Bad) != 3 {
		t.Fatalf("bad %v", c.Bad)
	}
}

func TestSourceOnErrorStop(t *testing.T) {
	r := newRig(t)
	top := r.badTopic()
	s := spec(top, badColumns()...)
	s.OnError = "stop"
	src := r.open(s, nil)
	c := r.poll(src)
	equal(t, chunkRows(c), []string{"+1 a 1 0"})
	if c.Next != 1 {
		t.Fatalf("next %d", c.Next)
	}
	for range 2 {
		if _, err := src.Poll(r.ctx); pgerr.Code(err) != pgerr.InvalidTextRepresentation || !strings.Contains(err.Error(), "offset 1 of partition 0") {
			t.Fatalf("got %v", err)
		}
	}
}

func TestSourceNotNull(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.produce(rec(top, 0, "", `{"m":1}`), rec(top, 0, "", `{"n":null}`), rec(top, 0, "", `{"n":3}`))
	s := spec(top, connectors.Column{Name: "n", Type: types.T(types.Int8), NotNull: true})
	s.Until = r.ends(top)
	c := r.poll(r.open(s, nil))
	equal(t, chunkRows(c), []string{"+1 3"})
	if len(c.Bad) != 2 || pgerr.Code(c.Bad[0].Err) != pgerr.NotNullViolation {
		t.Fatalf("bad %v", c.Bad)
	}
}

// TestSourceNotNullUnneeded: whether a record is a row does not depend on the columns that are read.
func TestSourceNotNullUnneeded(t *testing.T) {
	r := newRig(t)
	cols := []connectors.Column{{Name: "k", Type: types.T(types.Int8), From: connectors.Key, NotNull: true}, {Name: "n", Type: types.T(types.Int8)},
		{Name: "m", Type: types.T(types.Text), NotNull: true}, {Name: "p", Type: types.T(types.Int8), From: connectors.Partition, NotNull: true}}
	for _, c := range []struct {
		keyFormat, valueFormat string
		recs                   []*kgo.Record
	}{
		{"json", "json", []*kgo.Record{rec("", 0, "1", `{"n":1,"m":"x"}`), rec("", 0, "2", `{"n":2}`), rec("", 0, "3", `{"m":"x","n":3,"m":null}`),
			rec("", 0, "", `{"n":4,"m":"x"}`), rec("", 0, "5", `{"m":{"a":[]},"n":5}`)}},
		{"kafka", "delimited", []*kgo.Record{rec("", 0, "12345678", `1,x`), rec("", 0, "12345678", `2,`), rec("", 0, "12345678", "3,"), rec("", 0, "", "4,x"),
			rec("", 0, "12345678", `5,""`)}},
	} {
		top := r.topic(c.keyFormat, 1)
		for _, rec := range c.recs {
			rec.Topic = top
		}
		r.produce(c.recs...)
		s := spec(top, cols...)
		s.KeyFormat, s.ValueFormat = c.keyFormat, c.valueFormat
		s.Need, s.Until = []int{1}, r.ends(top)
		got := r.poll(r.open(s, nil))
		equal(t, chunkRows(got), []string{"+1 - 1 - -", "+1 - 5 - -"})
		if len(got.Bad) != 3 || pgerr.Code(got.Bad[0].Err) != pgerr.NotNullViolation {
			t.Fatalf("bad %v", got.Bad)
		}
	}
}

// TestSourceUpsert reads a table's topic: tombstones are deletes.
func TestSourceUpsert(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.produce(rec(top, 0, "1", `{"v":"a"}`), &kgo.Record{Topic: top, Key: []byte("1")}, rec(top, 0, "", `{"v":"no key"}`),
		&kgo.Record{Topic: top}, rec(top, 0, "2", `{"v":"b"}`))
	s := spec(top, connectors.Column{Name: "id", Type: types.T(types.Int4), From: connectors.Key, NotNull: true},
		connectors.Column{Name: "v", Type: types.T(types.Text), NotNull: true})
	s.Upsert, s.Until = true, r.ends(top)
	c := r.poll(r.open(s, nil))
	equal(t, chunkRows(c), []string{"+1 1 a", "-1 1 NULL", "+1 2 b"})
	if len(c.Bad) != 2 || pgerr.Code(c.Bad[1].Err) != pgerr.NullValueNotAllowed {
		t.Fatalf("bad %v", c.Bad)
	}
}

func TestSourceNeedAndRowtime(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.produce(rec(top, 0, "", `{"n":1,"at":"1970-01-01 00:00:01","s":"x"}`), rec(top, 0, "", `{"n":2}`))
	s := spec(top, connectors.Column{Name: "n", Type: types.T(types.Int8)}, connectors.Column{Name: "at", Type: types.T(types.Timestamp)},
		connectors.Column{Name: "s", Type: types.T(types.Text)}, connectors.Column{Name: "rowtime", Type: types.T(types.Int8), From: connectors.Timestamp})
	s.Need, s.Until = []int{0, 3}, r.ends(top)
	equal(t, chunkRows(r.poll(r.open(s, nil))), []string{"+1 1 - - 1700000000000", "+1 2 - - 1700000000000"})
	s.TimestampColumn = "at"
	c := r.poll(r.open(s, nil))
	equal(t, chunkRows(c), []string{"+1 1 - - 1000"})
	if len(c.Bad) != 1 || pgerr.Code(c.Bad[0].Err) != pgerr.NullValueNotAllowed {
		t.Fatalf("bad %v", c.Bad)
	}
}

func TestSourceTooLarge(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	big, err := kgo.NewClient(append(append(r.c.baseOptions(), produceOptions()...), kgo.ProducerBatchMaxBytes(RecordBytesMax+RecordBytesMax/2))...)
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	if err := big.ProduceSync(r.ctx, rec(top, 0, "", `{"n":1,"x":"`+strings.Repeat("x", RecordBytesMax)+`"}`)).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.produce(rec(top, 0, "", `{"n":2}`))
	s := spec(top)
	s.Until = r.ends(top)
	src := r.open(s, nil)
	var rows []string
	var bad []connectors.BadRecord
	for {
		c, err := src.Poll(r.ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, bad = append(rows, chunkRows(c)...), append(bad, c.Bad...)
	}
	equal(t, rows, []string{"+1 2"})
	if len(bad) != 1 || pgerr.Code(bad[0].Err) != pgerr.ProgramLimitExceeded || len(bad[0].Value) != connectors.BadRecordBytesMax {
		t.Fatalf("%d bad records", len(bad))
	}
}

func TestSourceRefuses(t *testing.T) {
	r := newRig(t)
	text := types.T(types.Text)
	for name, c := range map[string]struct {
		change func(*connectors.SourceSpec)
		code   string
	}{
		"headers":    {func(s *connectors.SourceSpec) { s.Columns[0].From = connectors.Headers }, pgerr.DatatypeMismatch},
		"avro":       {func(s *connectors.SourceSpec) { s.ValueFormat = "AVRO" }, pgerr.FeatureNotSupported},
		"ts format":  {func(s *connectors.SourceSpec) { s.TimestampColumn, s.TimestampFormat = "n", "yyyy-bb" }, pgerr.InvalidParameterValue},
		"ts column":  {func(s *connectors.SourceSpec) { s.TimestampColumn = "zz" }, pgerr.UndefinedColumn},
		"on_error":   {func(s *connectors.SourceSpec) { s.OnError = "explode" }, pgerr.InvalidParameterValue},
		"delimiter":  {func(s *connectors.SourceSpec) { s.ValueFormat, s.Delimiter = "delimited", "ab" }, pgerr.InvalidParameterValue},
		"kafka cols": {func(s *connectors.SourceSpec) { s.ValueFormat = "kafka" }, pgerr.FeatureNotSupported},
	} {
		s := spec("t", connectors.Column{Name: "n", Type: types.T(types.Int8)}, connectors.Column{Name: "m", Type: text})
		c.change(&s)
		if _, err := r.c.Source(s); pgerr.Code(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestSourceNewPartition adds a partition while the source runs.
func TestSourceNewPartition(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 1)
	src := r.open(spec(top), nil)
	equal(t, r.rows(src, 1), numbers(0, 1))
	if _, err := r.c.admin.CreatePartitions(r.ctx, 1, top); err != nil {
		t.Fatal(err)
	}
	r.cl.ForceMetadataRefresh()
	r.until("the producer sees the new partition", func() bool {
		return r.cl.ProduceSync(r.ctx, rec(top, 1, "", `{"n":1}`)).FirstErr() == nil
	})
	src.(*source).wakeDiscovery()
	if got := r.rows(src, 1); got[0] != "+1 1" {
		t.Fatalf("got %v", got)
	}
}

// TestSourceMissingTopic is opened before its topic exists.
func TestSourceMissingTopic(t *testing.T) {
	r := newRig(t)
	src := r.open(spec("later"), nil)
	r.until("status", func() bool { return src.Status() == `topic "later" does not exist` })
	r.topic("later", 1)
	r.fill("later", 0, 0, 1)
	equal(t, r.rows(src, 1), numbers(0, 1))
	r.until("status after rows", func() bool { return src.Status() == "ok" })
	if err := r.c.DeleteTopic(r.ctx, "later"); err != nil {
		t.Fatal(err)
	}
	src.(*source).wakeDiscovery()
	r.until("status after delete", func() bool { return src.Status() == `topic "later" does not exist` })
	r.topic("later", 1)
	if _, err := src.Poll(r.ctx); pgerr.Code(err) != pgerr.ObjectNotInPrerequisiteState || !strings.Contains(err.Error(), "made anew") {
		t.Fatalf("got %v", err)
	}
}

// TestSourcePositionBeyondEnd: the log is shorter than what was read from it.
func TestSourcePositionBeyondEnd(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 3)
	src := r.open(spec(top), connectors.Offsets{0: 5})
	if _, err := src.Poll(r.ctx); pgerr.Code(err) != pgerr.DataCorrupted {
		t.Fatalf("got %v", err)
	}
}

// TestSourceDeletedRecords starts below the log's start, with and without an end.
func TestSourceDeletedRecords(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 5)
	if _, err := r.c.admin.DeleteRecords(r.ctx, offsetsFor(top, 3)); err != nil {
		t.Fatal(err)
	}
	equal(t, r.rows(r.open(spec(top), connectors.Offsets{0: 1}), 2), numbers(3, 2))
	s := spec(top)
	s.Until = connectors.Offsets{0: 3}
	if rows, _ := r.all(r.open(s, nil)); len(rows) != 0 {
		t.Fatalf("rows %v", rows)
	}
}

// TestSourceCompactedEnd has a log whose last offsets before the end hold no records any more.
func TestSourceCompactedEnd(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	t.Cleanup(b.Close)
	r := rigAt(t, b.Addr())
	if err := r.c.CreateTopic(r.ctx, "t", 1, 1, map[string]string{"cleanup.policy": "compact", "segment.bytes": "200"}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		r.produce(rec("t", 0, "1", fmt.Sprintf(`{"n":%d}`, i)))
	}
	b.cluster.Compact()
	for _, end := range []int64{5, 10, 20} {
		s := spec("t")
		s.Until = connectors.Offsets{0: end}
		rows, _ := r.all(r.open(s, nil))
		if end == 20 && (len(rows) == 0 || len(rows) == 20 || rows[len(rows)-1] != "+1 19") {
			t.Fatalf("rows %v", rows)
		}
	}
}

// TestSourceBrokerAway stops the broker under a running source and starts it again.
func TestSourceBrokerAway(t *testing.T) {
	dir := t.TempDir()
	b := testBroker(t, dir, "127.0.0.1:0")
	addr := b.Addr()
	r := rigAt(t, addr)
	top := r.topic("t", 2)
	r.fill(top, 0, 0, 100)
	src := r.open(spec(top), nil)
	equal(t, r.rows(src, 100), numbers(0, 100))
	b.Close()
	r.until("status", func() bool { return strings.HasPrefix(src.Status(), "broker unreachable since ") })
	if !strings.Contains(src.Status(), "refused") && !strings.Contains(src.Status(), "EOF") {
		t.Logf("status: %s", src.Status())
	}
	b = testBroker(t, dir, addr)
	defer b.Close()
	r.fill(top, 0, 100, 100)
	r.fill(top, 1, 0, 1)
	got := r.rows(src, 101)
	i := slices.Index(got, "+1 0")
	equal(t, slices.Delete(got, i, i+1), numbers(100, 100))
	r.until("status ok", func() bool { return src.Status() == "ok" })
}

// TestSourceOpenWithoutBroker: Open does not wait.
func TestSourceOpenWithoutBroker(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	addr := b.Addr()
	r := rigAt(t, addr)
	b.Close()
	src := r.open(spec("t"), nil)
	r.until("status", func() bool { return strings.HasPrefix(src.Status(), "broker unreachable since ") })
	if err := src.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Poll(r.ctx); err == nil {
		t.Fatal("poll of a closed source")
	}
}

func TestISOPattern(t *testing.T) {
	for _, p := range []string{"yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-MM-dd HH:mm:ss.SSSSSSX", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"} {
		if !isoPattern(p) {
			t.Errorf("%s is refused", p)
		}
	}
	for _, p := range []string{"yyyy-MM-dd", "dd-MM-yyyy HH:mm:ss", "yyyy-MM-dd HH:mm:ss.", "yyyy-MM-dd HH:mm:ss,SSS", "yyyy-MM-dd hh:mm:ss", "yyyy-MM-dd HH:mm:ssS"} {
		if isoPattern(p) {
			t.Errorf("%s is accepted", p)
		}
	}
}

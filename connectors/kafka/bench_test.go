package kafka

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/internal/types"
)

func bidSpec(topic string) connectors.SourceSpec {
	return spec(topic, connectors.Column{Name: "auction", Type: types.T(types.Int8)}, connectors.Column{Name: "price", Type: types.T(types.Int8)},
		connectors.Column{Name: "datetime", Type: types.T(types.Timestamp)})
}

// benchmarkSource reads the n records of a topic once an iteration and reports the CPU time and allocations a record,
// of everything in this process.
func benchmarkSource(b *testing.B, r *rig, s connectors.SourceSpec, n int) {
	var m0, m1 runtime.MemStats
	for b.Loop() {
		runtime.ReadMemStats(&m0)
		c0, t0 := cpuTime(), time.Now()
		src := r.open(s, nil)
		rows := 0
		for {
			c, err := src.Poll(r.ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			rows += c.Batch.Rows()
		}
		el := time.Since(t0)
		src.Close()
		runtime.ReadMemStats(&m1)
		if rows != n {
			b.Fatalf("%d rows", rows)
		}
		b.ReportMetric(float64(cpuTime()-c0)/float64(n), "cpu-ns/record")
		b.ReportMetric(float64(n)/el.Seconds(), "records/s")
		b.ReportMetric(float64(m1.Mallocs-m0.Mallocs)/float64(n), "allocs/record")
		b.ReportMetric(float64(m1.TotalAlloc-m0.TotalAlloc)/float64(n), "B/record")
	}
}

func cpuTime() time.Duration {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// BenchmarkLatency is one record at a time from Write to Poll, broker in this process.
func BenchmarkLatency(b *testing.B) {
	r := newRig(b)
	top := r.topic("t", 4)
	src := r.open(spec(top), nil)
	w, _ := r.c.Writer(r.ctx)
	var took []time.Duration
	n := 0
	for b.Loop() {
		t0 := time.Now()
		if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: int32(n % 4), Value: []byte(`{"n":1}`)}}); err != nil {
			b.Fatal(err)
		}
		for r.poll(src).Records == 0 {
		}
		took = append(took, time.Since(t0))
		n++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}

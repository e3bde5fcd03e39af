package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"streamsql/internal/engine"
)

// startHTTP serves health and metrics.
func (s *server) startHTTP(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("HTTP listener: %w", err)
	}
	s.httpAddr = l.Addr().String()
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), engineCollector{s.engine})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := s.engine.NotReady(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.http.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("HTTP listener: %w", err)
		}
	}()
	return nil
}

// engineCollector exports the engine's figures.
type engineCollector struct{ e *engine.Engine }

var (
	ticksDesc      = prometheus.NewDesc("streamsql_ticks_total", "Closed ticks.", nil, nil)
	sessionsDesc   = prometheus.NewDesc("streamsql_sessions", "Open client sessions.", nil, nil)
	rowsDesc       = prometheus.NewDesc("streamsql_source_rows_total", "Rows read live, by relation.", []string{"relation"}, nil)
	epochDesc      = prometheus.NewDesc("streamsql_checkpoint_epoch", "Epoch of the last checkpoint.", nil, nil)
	checkpointDesc = prometheus.NewDesc("streamsql_checkpoint_seconds", "Duration of the last checkpoint.", nil, nil)
	pauseDesc      = prometheus.NewDesc("streamsql_checkpoint_pause_seconds", "Time that the last checkpoint held ticks up.", nil, nil)
)

func (c engineCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ticksDesc, sessionsDesc, rowsDesc, epochDesc, checkpointDesc, pauseDesc} {
		ch <- d
	}
}

func (c engineCollector) Collect(ch chan<- prometheus.Metric) {
	st := c.e.Stats()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ch <- prometheus.MustNewConstMetric(ticksDesc, prometheus.CounterValue, float64(st.Ticks))
	gauge(sessionsDesc, float64(st.Sessions))
	gauge(epochDesc, float64(st.Epoch))
	gauge(checkpointDesc, st.CheckpointTook.Seconds())
	gauge(pauseDesc, st.CheckpointPause.Seconds())
	for name, n := range st.SourceRows {
		ch <- prometheus.MustNewConstMetric(rowsDesc, prometheus.CounterValue, float64(n), name)
	}
}

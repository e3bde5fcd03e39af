package wire

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"streamsql/internal/batch"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

// BenchmarkLookup is one prepared point lookup after the other: Bind, Execute and Sync in one packet, one row back.
// Allocations are the server's and the fake engine's; the client has none.
func BenchmarkLookup(b *testing.B) {
	for _, conns := range []int{1, 8} {
		b.Run(fmt.Sprintf("conns=%d", conns), func(b *testing.B) { benchmarkLookup(b, conns) })
	}
}

func benchmarkLookup(b *testing.B, conns int) {
	st := wiretest.Query([]session.Column{wiretest.Col("n", types.Int8), wiretest.Col("s", types.Text)},
		wiretest.Batch(&batch.Ints{V: []int64{42}}, wiretest.Texts("some text")))
	st.Params = []types.Type{types.T(types.Int8)}
	s, err := NewServer(Config{Listen: "127.0.0.1:0", Engine: &wiretest.Engine{Script: map[string]*wiretest.Statement{"lookup": st}}, Logger: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	go s.Serve(context.Background())
	defer s.Shutdown(context.Background())
	var request []byte
	request, _ = (&pgproto3.Bind{PreparedStatement: "s", ParameterFormatCodes: []int16{1}, Parameters: [][]byte{{0, 0, 0, 0, 0, 0, 0, 1}}, ResultFormatCodes: []int16{1}}).Encode(request)
	request, _ = (&pgproto3.Execute{}).Encode(request)
	request, _ = (&pgproto3.Sync{}).Encode(request)
	clients := make(chan net.Conn, conns)
	for range conns {
		clients <- benchClient(b, s.Addr().String())
	}
	b.ReportAllocs()
	b.SetParallelism(conns)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var nc net.Conn
		select {
		case nc = <-clients:
		default:
			return // more goroutines than connections
		}
		defer nc.Close()
		buf := make([]byte, 4096)
		for pb.Next() {
			nc.Write(request)
			for n := 0; ; {
				m, err := nc.Read(buf[n:])
				if err != nil {
					b.Error(err)
					return
				}
				if n += m; bytes.HasSuffix(buf[:n], []byte("Z\x00\x00\x00\x05I")) {
					break
				}
			}
		}
	})
}

// benchClient connects and prepares the lookup as "s".
func benchClient(b *testing.B, addr string) net.Conn {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	var hello []byte
	hello, _ = (&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}}).Encode(hello)
	hello, _ = (&pgproto3.Parse{Name: "s", Query: "lookup"}).Encode(hello)
	hello, _ = (&pgproto3.Sync{}).Encode(hello)
	nc.Write(hello)
	var seen []byte
	for bytes.Count(seen, []byte("Z\x00\x00\x00\x05I")) < 2 {
		buf := make([]byte, 4096)
		n, err := nc.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		seen = append(seen, buf[:n]...)
	}
	return nc
}

// BenchmarkDataRow is the encoding of rows of six columns (two integers, a text, a boolean, a double, a timestamp).
func BenchmarkDataRow(b *testing.B) {
	const rows = 4096
	ints, floats, bools, texts := make([]int64, rows), make([]float64, rows), make([]bool, rows), make([]any, rows)
	for i := range rows {
		ints[i], floats[i], bools[i], texts[i] = int64(i)*7919, float64(i)/8, i%2 == 0, fmt.Sprint("text ", i)
	}
	data := wiretest.Batch(&batch.Ints{V: ints}, &batch.Ints{V: ints}, wiretest.Texts(texts...), &batch.Bools{V: bools}, &batch.Floats{V: floats}, &batch.Ints{V: ints})
	cols := []session.Column{wiretest.Col("a", types.Int8), wiretest.Col("b", types.Int4), wiretest.Col("c", types.Text), wiretest.Col("d", types.Bool), wiretest.Col("e", types.Float8), wiretest.Col("f", types.TimestampTZ)}
	for name, formats := range map[string][]int16{"text": nil, "binary": {1}} {
		b.Run("format="+name, func(b *testing.B) {
			var enc rowEncoder
			enc.reset(cols, formats, types.DefaultFormat)
			if err := enc.load(data); err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, 0, 1<<20)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%rows == 0 {
					buf = buf[:0]
				}
				var err error
				if buf, err = enc.appendDataRow(buf, i%rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package wire

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/trace with what the server answers now")

// traceEngine is what the texts in testdata/trace mean.
func traceEngine() *wiretest.Engine {
	two := []session.Column{wiretest.Col("n", types.Int8), wiretest.Col("s", types.Text)}
	rows := func() *batch.Batch {
		return wiretest.Batch(&batch.Ints{V: []int64{1, 2, 3}}, wiretest.Texts("a", nil, "c"))
	}
	doubled := wiretest.Ints(7, 8, 9)
	doubled.Weights = []int64{2, 0, 1}
	negative := wiretest.Ints(7)
	negative.Weights = []int64{-1}
	n := []session.Column{wiretest.Col("n", types.Int4)}
	param := wiretest.Query(n)
	param.Params = []types.Type{types.T(types.Int4), types.T(types.Text)}
	copyText := &wiretest.Statement{Kind: session.CopyOut, Columns: two, Batches: []*batch.Batch{
		wiretest.Batch(&batch.Ints{V: []int64{1, 2}}, wiretest.Texts("a\tb\\\n", nil))}, Tag: "COPY "}
	copyCSV := *copyText
	copyCSV.Copy = session.CopyOptions{Format: "csv", Delimiter: ',', Header: true, Quote: '"'}
	copyBinary := *copyText
	copyBinary.Copy = session.CopyOptions{Format: "binary"}
	copyIn := &wiretest.Statement{Kind: session.CopyIn, Columns: two, Tag: "COPY "}
	return &wiretest.Engine{Script: map[string]*wiretest.Statement{
		"three":      wiretest.Query(two, rows()),
		"batches":    wiretest.Query(n, wiretest.Ints(1, 2), wiretest.Ints(), wiretest.Ints(3), wiretest.Ints(4, 5)),
		"doubled":    wiretest.Query(n, doubled),
		"negative":   wiretest.Query(n, negative),
		"none":       wiretest.Query(n),
		"insert":     {Tag: "INSERT 0 3"},
		"division":   {Kind: session.Rows, Columns: n, Batches: []*batch.Batch{wiretest.Ints(1)}, LateErr: pgerr.New(pgerr.DivisionByZero, "division by zero")},
		"unknown é":  {Err: pgerr.At(len("insert; ünd; "), pgerr.UndefinedTable, "relation %q does not exist", "é").WithHint("Create it.").WithDetail("Looked.")},
		"ünd":        {Tag: "OK"},
		"param":      param,
		"copy text":  copyText,
		"copy csv":   &copyCSV,
		"copy bin":   &copyBinary,
		"copy in":    copyIn,
		"notice":     {Tag: "CREATE", Call: noticeCall},
		"declare c":  {Tag: "DECLARE CURSOR", Call: declareCall(two)},
		"panic":      {Kind: session.Rows, Columns: n, Panic: true},
		"mismatch":   wiretest.Query(two, wiretest.Ints(1)),
		"plain fail": {Err: fmt.Errorf("no code")},
	}}
}

// TestTrace sends the messages above ---- and expects the answers below it.
func TestTrace(t *testing.T) {
	files, err := filepath.Glob("testdata/trace/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(data), "----\n")
			got := runTrace(t, input)
			if *rewrite {
				if err := os.WriteFile(file, []byte(input+"----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%s: got\n%swant\n%s", file, got, want)
			}
		})
	}
}

func runTrace(t *testing.T, input string) string {
	s, err := newServer(Config{Engine: traceEngine(), Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	client, server := net.Pipe()
	s.start(server)
	out := make(chan string)
	go func() { out <- receiveAll(client) }()
	var msgs []byte
	msgs, _ = (&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}}).Encode(msgs)
	for _, line := range strings.Split(strings.TrimSuffix(input, "\n"), "\n") {
		if line != "" && line[0] != '#' {
			msgs = append(msgs, encodeLine(t, line)...)
		}
	}
	go func() {
		client.Write(msgs)
	}()
	got := <-out
	client.Close()
	s.conns.Wait()
	if n := s.cfg.Engine.(*wiretest.Engine).Results.Load(); n != 0 {
		t.Errorf("%d results left open", n)
	}
	return got
}

// emptyFields are the fields of an error that say nothing.
var emptyFields = regexp.MustCompile(`,?"\w+":(""|0|null)`)

// receiveAll prints the answers after the first ReadyForQuery up to the end of the connection.
func receiveAll(client net.Conn) string {
	front := pgproto3.NewFrontend(client, client)
	var b strings.Builder
	for started := false; ; {
		msg, err := front.Receive()
		if err != nil {
			return b.String()
		}
		if started {
			line, _ := json.Marshal(msg)
			switch msg.(type) {
			case *pgproto3.ErrorResponse, *pgproto3.NoticeResponse:
				line = emptyFields.ReplaceAll(line, nil)
			}
			b.Write(line)
			b.WriteByte('\n')
		}
		if _, ok := msg.(*pgproto3.ReadyForQuery); ok {
			started = true
		}
	}
}

// encodeLine reads "Name arg arg …"; quoted arguments are Go strings.
func encodeLine(t *testing.T, line string) []byte {
	args := splitArgs(t, line)
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	var m pgproto3.FrontendMessage
	switch args[0] {
	case "Query":
		m = &pgproto3.Query{String: arg(1)}
	case "Parse":
		p := &pgproto3.Parse{Name: arg(1), Query: arg(2)}
		for i := 3; i < len(args); i++ {
			oid, _ := strconv.Atoi(args[i])
			p.ParameterOIDs = append(p.ParameterOIDs, uint32(oid))
		}
		m = p
	case "Bind", "BindBinary": // portal, statement, parameters as text; the results' format
		b := &pgproto3.Bind{DestinationPortal: arg(1), PreparedStatement: arg(2)}
		if args[0] == "BindBinary" {
			b.ResultFormatCodes = []int16{1}
		}
		for _, a := range args[min(3, len(args)):] {
			b.Parameters = append(b.Parameters, []byte(a))
		}
		m = b
	case "Describe":
		m = &pgproto3.Describe{ObjectType: arg(1)[0], Name: arg(2)}
	case "Execute":
		n, _ := strconv.Atoi(arg(2))
		m = &pgproto3.Execute{Portal: arg(1), MaxRows: uint32(n)}
	case "Close":
		m = &pgproto3.Close{ObjectType: arg(1)[0], Name: arg(2)}
	case "Sync":
		m = &pgproto3.Sync{}
	case "Flush":
		m = &pgproto3.Flush{}
	case "CopyData":
		m = &pgproto3.CopyData{Data: []byte(arg(1))}
	case "CopyDone":
		m = &pgproto3.CopyDone{}
	case "CopyFail":
		m = &pgproto3.CopyFail{Message: arg(1)}
	case "Terminate":
		m = &pgproto3.Terminate{}
	case "FunctionCall":
		m = &pgproto3.FunctionCall{Function: 1}
	case "Raw":
		b, err := hex.DecodeString(strings.Join(args[1:], ""))
		if err != nil {
			t.Fatal(err)
		}
		return b
	default:
		t.Fatalf("unknown message in %q", line)
	}
	b, err := m.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func splitArgs(t *testing.T, line string) []string {
	var args []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			word, _ = strconv.Unquote(q)
			rest = line[len(q):]
		}
		args = append(args, word)
		line = rest
	}
	return args
}

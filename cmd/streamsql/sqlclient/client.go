package sqlclient

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	headLinger = 20 * time.Millisecond // how long the first rows may gather before they fix the widths
	headRows   = 1000                  // and how many of them
	eventsMax  = 256                   // events between the goroutine that reads and the one that prints
	noticesMax = 64                    // notices that wait to be printed
	goodbye    = time.Second           // for the server to take our Terminate
	cancelWait = 5 * time.Second       // for a CancelRequest to be taken
)

// client is a connection and where it prints.
type client struct {
	conn       *pgconn.PgConn
	out        *bufio.Writer
	err        io.Writer
	interrupts <-chan os.Signal
	notices    chan *pgconn.PgError
}

// event is what the reading goroutine has to tell: a result's columns, a row, COPY data, or a result's end (all nil).
type event struct {
	head []pgconn.FieldDescription
	row  []string
	data []byte
	tag  string
}

var (
	copyOut = regexp.MustCompile(`(?is)^\s*copy\b.*\bto\s+stdout\b`)
	copyIn  = regexp.MustCompile(`(?is)^\s*copy\b.*\bfrom\s+stdin\b`)
)

func (c *client) close() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	c.conn.Close(ctx)
	c.out.Flush()
}

// run sends a text and prints what comes back, live. It returns ErrFailed when the server refused. data is what COPY
// FROM STDIN reads.
func (c *client) run(ctx context.Context, text string, data io.Reader) error {
	events := make(chan event, eventsMax)
	ended := make(chan error, 1)
	go func() {
		err := c.receive(text, data, events)
		close(events)
		ended <- err
	}()
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watch(ctx, stop)
	}()
	c.print(events)
	err := <-ended
	close(stop)
	<-watched
	c.printNotices()
	c.out.Flush()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.failure(err, text)
}

// failure prints an error of the server.
func (c *client) failure(err error, text string) error {
	var pe *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe):
		printError(c.err, pe, text)
	default:
		fmt.Fprintf(c.err, "ERROR:  %v\n", err)
	}
	if c.conn.IsClosed() {
		return fmt.Errorf("the server closed the connection: %w", ErrFailed)
	}
	return ErrFailed
}

// receive runs a text and tells what arrives.
func (c *client) receive(text string, data io.Reader, events chan<- event) error {
	ctx := context.Background() // a cancelled context would cut the connection; watch cancels the statement instead
	switch {
	case copyOut.MatchString(text):
		tag, err := c.conn.CopyTo(ctx, dataWriter(events), text)
		if err == nil {
			events <- event{tag: tag.String()}
		}
		return err
	case copyIn.MatchString(text):
		tag, err := c.conn.CopyFrom(ctx, data, text)
		if err == nil {
			events <- event{tag: tag.String()}
		}
		return err
	}
	results := c.conn.Exec(ctx, text)
	for results.NextResult() {
		r := results.ResultReader()
		if fields := r.FieldDescriptions(); fields != nil {
			events <- event{head: fields}
		}
		for r.NextRow() {
			events <- event{row: texts(r.Values())}
		}
		tag, err := r.Close()
		if err != nil {
			break // results.Close tells it again
		}
		events <- event{tag: tag.String()}
	}
	return results.Close()
}

// texts copies a row; NULL is shown as nothing, as in psql.
func texts(values [][]byte) []string {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = string(v)
	}
	return row
}

// dataWriter tells COPY data as it comes.
type dataWriter chan<- event

func (w dataWriter) Write(p []byte) (int, error) {
	w <- event{data: bytes.Clone(p)}
	return len(p), nil
}

// watch turns each interrupt, and the end of ctx, into a cancel request until stop is closed.
func (c *client) watch(ctx context.Context, stop <-chan struct{}) {
	over := ctx.Done()
	for {
		select {
		case <-stop:
			return
		case <-c.interrupts:
			fmt.Fprintln(c.err, "Cancel request sent")
		case <-over:
			over = nil
		}
		cancelCtx, cancel := context.WithTimeout(context.Background(), cancelWait)
		if err := c.conn.CancelRequest(cancelCtx); err != nil {
			c.conn.Conn().Close() // nobody there to cancel: end it from this side
		}
		cancel()
	}
}

// print prints events until they end. A table's first rows wait for more, but not for long.
func (c *client) print(events <-chan event) {
	var t *table
	linger := time.NewTimer(headLinger)
	defer linger.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				c.finish(t)
				return
			}
			if e.head != nil {
				linger.Reset(headLinger)
			}
			t = c.show(t, e)
		case n := <-c.notices:
			printError(c.err, n, "")
		case <-linger.C:
			if t != nil {
				t.start()
			}
		}
		if len(events) == 0 && (t == nil || t.started) {
			c.out.Flush()
		}
	}
}

// finish shows the rows of a result that ended without a tag: by an error.
func (c *client) finish(t *table) {
	if t != nil && t.rows > 0 {
		t.start()
	}
}

func (c *client) show(t *table, e event) *table {
	switch {
	case e.head != nil:
		return newTable(c.out, e.head)
	case e.data != nil:
		c.out.Write(e.data)
		return t
	case e.row != nil:
		t.add(e.row)
		if len(t.early) >= headRows {
			t.start()
		}
		return t
	case t != nil:
		t.end()
	case e.tag != "":
		fmt.Fprintln(c.out, e.tag)
	}
	return nil
}

func (c *client) printNotices() {
	for {
		select {
		case n := <-c.notices:
			printError(c.err, n, "")
		default:
			return
		}
	}
}

package sqlclient

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
)

// errInterrupted says that Ctrl-C came while waiting for a line.
var errInterrupted = errors.New("interrupted")

// input reads lines in a goroutine of its own, one at a time and on demand: a blocked read cannot be interrupted, its
// reader can. Reads of COPY data go through Read.
type input struct {
	want  chan struct{}
	lines chan lineRead
	owed  bool   // a line was asked for and not yet taken
	left  []byte // of a line that Read has begun
	err   error  // after the last line
}

type lineRead struct {
	text string
	err  error
}

func newInput(r io.Reader) *input {
	in := &input{want: make(chan struct{}, 1), lines: make(chan lineRead, 1)}
	br := bufio.NewReader(r)
	go func() {
		for range in.want {
			text, err := br.ReadString('\n')
			in.lines <- lineRead{text, err}
		}
	}()
	return in
}

// close ends the goroutine once its read returns.
func (in *input) close() { close(in.want) }

// next returns the next line with its line end, io.EOF, errInterrupted or ctx's error.
func (in *input) next(ctx context.Context, interrupts <-chan os.Signal) (string, error) {
	if in.err != nil {
		return "", in.err
	}
	if !in.owed {
		in.owed = true
		in.want <- struct{}{}
	}
	select {
	case l := <-in.lines:
		in.owed = false
		in.err = l.err
		if l.text != "" {
			return l.text, nil
		}
		return "", l.err
	case <-interrupts:
		return "", errInterrupted
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Read gives the lines up to the end-of-data marker of COPY, as data.
func (in *input) Read(p []byte) (int, error) {
	if len(in.left) == 0 {
		line, err := in.next(context.Background(), nil)
		if err != nil {
			return 0, err
		}
		if line == "\\.\n" || line == "\\.\r\n" || line == "\\." {
			return 0, io.EOF
		}
		in.left = []byte(line)
	}
	n := copy(p, in.left)
	in.left = in.left[n:]
	return n, nil
}

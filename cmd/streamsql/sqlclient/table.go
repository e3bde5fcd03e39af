package sqlclient

import (
	"bufio"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// table prints rows in columns. The rows that came before start decide the widths; a later, longer value widens its
// column from there on.
type table struct {
	out     *bufio.Writer
	names   []string
	right   []bool // numbers are set to the right
	widths  []int
	early   [][]string
	started bool
	rows    int64
}

func newTable(out *bufio.Writer, fields []pgconn.FieldDescription) *table {
	t := &table{out: out}
	for _, f := range fields {
		t.names = append(t.names, clean(f.Name))
		t.right = append(t.right, isNumber(f.DataTypeOID))
		t.widths = append(t.widths, utf8.RuneCountInString(clean(f.Name)))
	}
	return t
}

// isNumber reports the OIDs of int8, int2, int4, oid, float4, float8 and numeric.
func isNumber(oid uint32) bool {
	switch oid {
	case 20, 21, 23, 26, 700, 701, 1700:
		return true
	}
	return false
}

// clean makes a value fit on one line.
func clean(s string) string {
	if !strings.ContainsAny(s, "\n\r\t") {
		return s
	}
	return strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
}

// add takes a row; once started it is printed at once.
func (t *table) add(row []string) {
	t.rows++
	for i, v := range row {
		row[i] = clean(v)
		t.widths[i] = max(t.widths[i], utf8.RuneCountInString(row[i]))
	}
	if !t.started {
		t.early = append(t.early, row)
		return
	}
	t.print(row)
}

// start prints the head and the rows so far, unless it has.
func (t *table) start() {
	if t.started {
		return
	}
	t.started = true
	for i, name := range t.names {
		t.bar(i, " | ", " ")
		pad := t.widths[i] - utf8.RuneCountInString(name)
		t.cell(name, pad/2, pad-pad/2, i)
	}
	t.out.WriteByte('\n')
	for i, w := range t.widths {
		t.bar(i, "-+-", "-")
		t.out.WriteString(strings.Repeat("-", w))
	}
	t.out.WriteString("-\n")
	for _, row := range t.early {
		t.print(row)
	}
	t.early = nil
}

func (t *table) bar(i int, between, first string) {
	if i == 0 {
		between = first
	}
	t.out.WriteString(between)
}

// cell prints v between blanks; none after the last column.
func (t *table) cell(v string, before, after, column int) {
	fmt.Fprintf(t.out, "%*s%s", before, "", v)
	if column < len(t.names)-1 {
		fmt.Fprintf(t.out, "%*s", after, "")
	}
}

func (t *table) print(row []string) {
	for i, v := range row {
		t.bar(i, " | ", " ")
		pad := t.widths[i] - utf8.RuneCountInString(v)
		if t.right[i] {
			t.cell(v, pad, 0, i)
		} else {
			t.cell(v, 0, pad, i)
		}
	}
	t.out.WriteByte('\n')
}

// end prints the number of rows.
func (t *table) end() {
	t.start()
	if t.rows == 1 {
		t.out.WriteString("(1 row)\n\n")
		return
	}
	fmt.Fprintf(t.out, "(%d rows)\n\n", t.rows)
}

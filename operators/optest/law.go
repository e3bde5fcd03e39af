package optest

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Row is a row of a reference: text values, "NULL" for NULL (what a batch literal would quote is quoted).
type Row []string

// Ref is a slow, obvious reference of an operator: the output for the rows that are there on each port (a row of weight n
// n times, in the order of their first arrival). It shares no code with the operator.
type Ref func(in [][]Row) []Row

// Law plays random inserts and deletes in random ways against ref, after every tick. gen makes a random row of a port.
// Seeds are fixed; a failure says which.
func Law(t *testing.T, s *Subject, gen func(rng *rand.Rand, port int) Row, ref Ref) {
	t.Helper()
	law(t, s, gen, ref, true)
}

// LawOfInserts is Law without deletes.
func LawOfInserts(t *testing.T, s *Subject, gen func(rng *rand.Rand, port int) Row, ref Ref) {
	t.Helper()
	law(t, s, gen, ref, false)
}

func law(t *testing.T, s *Subject, gen func(rng *rand.Rand, port int) Row, ref Ref, deletes bool) {
	t.Helper()
	t.Parallel()
	for seed := uint64(1); seed <= 24; seed++ {
		m := Modes[int(seed)%len(Modes)]
		if m.Reload > 0 { // a reload opens a store, which takes longer than all else: some are enough
			m.Reload *= 4
			if seed > uint64(len(Modes)) || testing.Short() {
				m.Reload = 0
			}
		}
		script := randomScript(s, seed, gen, deletes)
		_, err := Play(t, s, m, script, seed, func(log []Change, out string) error {
			want, err := render(s.Out, ref(live(log, len(s.In), s.Ordered)))
			if err == nil && want != out {
				err = fmt.Errorf("want\n%shave\n%s", want, out)
			}
			return err
		})
		if err != nil {
			t.Fatalf("seed %d, mode %q: %v\nscript:\n%s", seed, m.Name, err, script)
		}
	}
}

func (s Script) String() string {
	var sb strings.Builder
	for i, t := range s {
		fmt.Fprintf(&sb, "tick %d\n", i+1)
		for _, c := range t {
			fmt.Fprintf(&sb, "  %s\n", c)
		}
	}
	return sb.String()
}

// randomScript inserts random rows and deletes rows that are there.
func randomScript(s *Subject, seed uint64, gen func(*rand.Rand, int) Row, withDeletes bool) Script {
	rng := rand.New(rand.NewPCG(seed, 4711))
	there := make([][]string, len(s.In))
	deletes := 0 // out of ten changes
	if withDeletes {
		deletes = 2 + rng.IntN(4)
	}
	script := make(Script, 2+rng.IntN(12))
	for i := range script {
		for range rng.IntN(14) {
			port := rng.IntN(len(s.In))
			if n := len(there[port]); n > 0 && rng.IntN(10) < deletes {
				k := rng.IntN(n)
				script[i] = append(script[i], Change{port, -1, there[port][k]})
				there[port] = append(there[port][:k], there[port][k+1:]...)
				continue
			}
			row := strings.Join(gen(rng, port), " ")
			n := 1
			if !s.Ordered && rng.IntN(8) == 0 {
				n = 1 + rng.IntN(3)
			}
			script[i] = append(script[i], Change{port, int64(n), row})
			for range n {
				there[port] = append(there[port], row)
			}
		}
	}
	if deletes > 3 { // often to the end: everything goes
		var last []Change
		for port, rows := range there {
			for _, r := range rows {
				last = append(last, Change{port, -1, r})
			}
		}
		script = append(script, last)
	}
	return script
}

// live returns the rows that are there after the changes; for an ordered subject the log itself, with the weight in front
// of each row.
func live(log []Change, ports int, ordered bool) [][]Row {
	out := make([][]Row, ports)
	if ordered {
		for _, c := range log {
			out[c.Port] = append(out[c.Port], append(Row{fmt.Sprint(c.Weight)}, strings.Fields(c.Row)...))
		}
		return out
	}
	weights := make([]map[string]int64, ports)
	order := make([][]string, ports)
	for i := range weights {
		weights[i] = map[string]int64{}
	}
	for _, c := range log {
		if _, ok := weights[c.Port][c.Row]; !ok {
			order[c.Port] = append(order[c.Port], c.Row)
		}
		weights[c.Port][c.Row] += c.Weight
	}
	for port, rows := range order {
		for _, r := range rows {
			for range weights[port][r] {
				out[port] = append(out[port], strings.Fields(r))
			}
		}
	}
	return out
}

// render brings reference rows into the form of an output: parsed, consolidated, printed.
func render(ts []types.Type, rows []Row) (string, error) {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = "+1 " + strings.Join(r, " ")
	}
	sort.Strings(lines)
	b, err := batch.Parse(ts, strings.Join(lines, "\n"))
	if err != nil {
		return "", fmt.Errorf("reference: %w", err)
	}
	return batch.Consolidate(ts, b).Format(ts), nil
}

func valuesOf(b *batch.Batch, cols []int, row int) []types.Value {
	out := make([]types.Value, len(cols))
	for i, c := range cols {
		out[i] = batch.ValueAt(b.Cols[c], row)
	}
	return out
}

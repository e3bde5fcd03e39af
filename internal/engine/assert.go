package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
)

// assertTimeout is how long ASSERT TOPIC waits without TIMEOUT: ksqlDB's default.
const assertTimeout = time.Second

// assertPoll is how often ASSERT TOPIC looks again.
const assertPoll = 50 * time.Millisecond

// assert runs ksqlDB's ASSERT: an error (P0004, as PL/pgSQL's) when it does not hold.
func (cs *clientSession) assert(ctx context.Context, t *ast.Assert) (session.Result, error) {
	var err error
	switch t.What {
	case "topic":
		err = cs.assertTopic(ctx, t)
	case "schema":
		err = pgerr.Unsupported(int(t.Pos), "ASSERT SCHEMA: there is no schema registry")
	case "stream", "table":
		err = cs.assertObject(t)
	default:
		err = cs.assertRecord(ctx, t)
	}
	return tagResult("ASSERT"), err
}

func assertFailed(pos ast.Pos, format string, args ...any) error {
	return pgerr.At(int(pos), pgerr.AssertFailure, format, args...)
}

// assertTopic waits until the topic is there (or not) with the options that are given.
func (cs *clientSession) assertTopic(ctx context.Context, t *ast.Assert) error {
	wait := assertTimeout
	if t.Timeout != nil {
		us, err := planner.Micros(t.Timeout, int(t.Pos))
		if err != nil {
			return err
		}
		wait = time.Duration(us) * time.Microsecond
	}
	deadline := time.After(wait)
	for {
		err := cs.checkTopic(ctx, t)
		if err == nil || pgerr.Code(err) != pgerr.AssertFailure {
			return err
		}
		select {
		case <-time.After(assertPoll):
		case <-deadline:
			return err
		case <-ctx.Done():
			return canceled(ctx)
		}
	}
}

func (cs *clientSession) checkTopic(ctx context.Context, t *ast.Assert) error {
	topics, err := cs.e.cluster.Topics(ctx)
	if err != nil {
		return brokerError(err, "list topics")
	}
	name := t.Name.Last()
	topic := pickTopic(topics, name)
	switch {
	case topic == nil && !t.Not:
		return assertFailed(t.Pos, "topic %q does not exist", name)
	case topic != nil && t.Not:
		return assertFailed(t.Pos, "topic %q exists", topic.Name)
	case topic == nil:
		return nil
	}
	for _, o := range t.With {
		is := map[string]int{"partitions": topic.Partitions, "replicas": topic.Replicas}
		have, known := is[o.Name]
		if !known {
			return pgerr.At(int(o.Pos), pgerr.InvalidParameterValue, "unrecognized option %q", o.Name).WithHint("Known options: partitions, replicas.")
		}
		if o.Value != strconv.Itoa(have) {
			return assertFailed(o.Pos, "topic %q has %d %s, not %s", topic.Name, have, o.Name, o.Value)
		}
	}
	return nil
}

// pickTopic finds a topic by its name, or by its name in another case: unquoted names of the ksql dialect are upper case.
func pickTopic(topics []connectors.Topic, name string) *connectors.Topic {
	for _, same := range []func(s string) bool{func(s string) bool { return s == name }, func(s string) bool { return strings.EqualFold(s, name) }} {
		if i := slices.IndexFunc(topics, func(t connectors.Topic) bool { return same(t.Name) }); i >= 0 {
			return &topics[i]
		}
	}
	return nil
}

// assertObject compares a stream or table with the definition that is given.
func (cs *clientSession) assertObject(t *ast.Assert) error {
	o, err := cs.relationNamed(t.Name)
	if err != nil {
		return err
	}
	if o.Kind.String() != t.What || o.Connector == nil {
		return assertFailed(t.Pos, "%q is a %s, not a %s", o.Name, o.Kind, t.What)
	}
	c := &ast.Create{Pos: t.Pos, Kind: ast.ObjectKind(t.What), Name: t.Name, Columns: t.Defs, With: t.With}
	want, _, err := cs.e.bindCreate(cs.definition(c, ""), cs.e.catalog.Load())
	if err != nil {
		return err
	}
	have, cols := shown(o), shown(want)
	if !slices.EqualFunc(have, cols, func(a, b catalog.Column) bool { return a.Name == b.Name && a.Type.Equal(b.Type) && a.From == b.From }) {
		return assertFailed(t.Pos, "%s %q has other columns: %s", o.Kind, o.Name, columnsText(have))
	}
	a, b := o.Connector, want.Connector
	for _, x := range []struct{ what, have, want string }{
		{"topic", a.Topic, b.Topic}, {"key format", a.KeyFormat, b.KeyFormat}, {"value format", a.ValueFormat, b.ValueFormat},
		{"value delimiter", a.Delimiter, b.Delimiter}, {"timestamp column", a.TimestampColumn, b.TimestampColumn},
		{"timestamp format", a.TimestampFormat, b.TimestampFormat},
		{"wrapping of single values", strconv.FormatBool(!a.Unwrapped), strconv.FormatBool(!b.Unwrapped)},
	} {
		if x.have != x.want {
			return assertFailed(t.Pos, "the %s of %s %q is %q, not %q", x.what, o.Kind, o.Name, x.have, x.want)
		}
	}
	return nil
}

func columnsText(cols []catalog.Column) string {
	var out []string
	for _, c := range cols {
		word := ""
		if c.From == catalog.FromKey {
			word = " KEY"
		}
		out = append(out, c.Name+" "+c.Type.String()+word)
	}
	return strings.Join(out, ", ")
}

// assertRecord compares the next record of a relation's topic with the values that are given; NULL VALUES wants a
// tombstone of a key. Each ASSERT of a session takes the next record.
func (cs *clientSession) assertRecord(ctx context.Context, t *ast.Assert) error {
	o, err := cs.relationNamed(t.Name)
	if err != nil {
		return err
	}
	if o.Connector == nil {
		return pgerr.At(int(t.Name.Pos), pgerr.WrongObjectType, "%s %q has no topic", o.Kind, o.Name)
	}
	sp := assertSpec(o)
	sp.Upsert = sp.Upsert || t.What == "null values"
	cols, at, err := assertColumns(t, sp.Columns)
	if err != nil {
		return err
	}
	want, err := cs.assertValues(ctx, t, cols)
	if err != nil {
		return err
	}
	if err := cs.ownWrites(ctx); err != nil {
		return err
	}
	if err := cs.e.Checkpoint(ctx); err != nil { // what queries have put out goes to their topics
		return err
	}
	b, i, err := cs.nextRecord(ctx, sp)
	if err != nil {
		return err
	}
	if b == nil {
		return assertFailed(t.Pos, "topic %q has no further record", sp.Topic)
	}
	if gone := b.Weights[i] < 0; gone != (t.What == "null values") {
		return assertFailed(t.Pos, "the next record of topic %q is%s a tombstone", sp.Topic, map[bool]string{false: " not"}[gone])
	}
	for k, c := range at {
		have := batch.ValueAt(b.Cols[c], i)
		if have.Null != want[k].Null || !have.Null && !types.Equal(cols[k].Type, have, want[k]) {
			return assertFailed(t.Pos, "column %q of the next record of topic %q is %s, not %s", cols[k].Name, sp.Topic,
				valueText(cols[k].Type, have), valueText(cols[k].Type, want[k]))
		}
	}
	return nil
}

func valueText(t types.Type, v types.Value) string {
	if v.Null {
		return "NULL"
	}
	return string(types.AppendText(nil, t, v, nil))
}

// assertSpec reads all columns of a relation's topic, and ROWTIME in milliseconds.
func assertSpec(o *catalog.Object) connectors.SourceSpec {
	sp := spec(o, nil)
	sp.Columns = slices.DeleteFunc(sp.Columns, func(c connectors.Column) bool { return c.From == connectors.Timestamp })
	sp.Columns = append(sp.Columns, connectors.Column{Name: "ROWTIME", Type: types.T(types.Int8), From: connectors.Timestamp})
	for i := range sp.Columns {
		sp.Need = append(sp.Need, i)
	}
	sp.TimestampColumn = ""
	return sp
}

// assertColumns finds the columns that are named, or all but ROWTIME and other hidden ones.
func assertColumns(t *ast.Assert, all []connectors.Column) (cols []planner.Column, at []int, err error) {
	add := func(i int) {
		cols, at = append(cols, planner.Column{Name: all[i].Name, Type: all[i].Type}), append(at, i)
	}
	for _, ref := range t.Columns {
		i := slices.IndexFunc(all, func(c connectors.Column) bool {
			return c.Name == ref.Name || strings.EqualFold(c.Name, ref.Name) && c.From >= connectors.Timestamp
		})
		if i < 0 {
			return nil, nil, pgerr.At(int(ref.Pos), pgerr.UndefinedColumn, "column %q of relation %q does not exist", ref.Name, t.Name.Last())
		}
		add(i)
	}
	if t.Columns == nil {
		for i, c := range all {
			if c.From == connectors.Key || c.From == connectors.Value && t.What == "values" {
				add(i)
			}
		}
	}
	if len(t.Values) != len(cols) {
		return nil, nil, pgerr.At(int(t.Pos), pgerr.SyntaxError, "%d values for %d columns", len(t.Values), len(cols))
	}
	return cols, at, nil
}

func (cs *clientSession) assertValues(ctx context.Context, t *ast.Assert, cols []planner.Column) ([]types.Value, error) {
	p, err := planner.PlanValues([][]ast.Expr{t.Values}, cols, cs.e.catalog.Load(), cs.options(planner.Pull, nil))
	if err != nil {
		return nil, err
	}
	bs, err := cs.pull(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	for _, b := range bs {
		if b.Rows() > 0 {
			out := make([]types.Value, len(cols))
			for i := range out {
				out[i] = batch.ValueAt(b.Cols[i], 0)
			}
			return out, nil
		}
	}
	return nil, pgerr.New(pgerr.InternalError, "no row of values")
}

// nextRecord reads the record after the last one that this session asserted, of the partitions in their order; nil at
// the end of the topic.
func (cs *clientSession) nextRecord(ctx context.Context, sp connectors.SourceSpec) (*batch.Batch, int, error) {
	ends, err := cs.e.cluster.Ends(ctx, sp.Topic)
	if err != nil {
		return nil, 0, brokerError(err, "look up topic "+sp.Topic)
	}
	from := orEmpty(cs.asserted[sp.Topic].Clone())
	for _, p := range sortedPartitions(ends) {
		if from[p] >= ends[p] {
			continue
		}
		b, i, next, err := cs.recordAt(ctx, sp, p, from, ends)
		if err != nil {
			return nil, 0, err
		}
		if from[p] = next; cs.asserted == nil {
			cs.asserted = map[string]connectors.Offsets{}
		}
		cs.asserted[sp.Topic] = from
		if b != nil {
			return b, i, nil
		}
	}
	return nil, 0, nil
}

func sortedPartitions(o connectors.Offsets) []int32 {
	var out []int32
	for p := range o {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// recordAt reads the first record of one partition from a position on, and says where the next one begins.
func (cs *clientSession) recordAt(ctx context.Context, sp connectors.SourceSpec, p int32, from, ends connectors.Offsets) (b *batch.Batch, row int, next int64, err error) {
	sp.Until = connectors.Offsets{}
	start := ends.Clone() // the other partitions are at their end
	for q, end := range ends {
		sp.Until[q] = end
	}
	start[p] = from[p]
	sp.Columns = append(slices.Clone(sp.Columns), connectors.Column{Name: "offset", Type: types.T(types.Int8), From: connectors.Offset})
	sp.Need = append(slices.Clone(sp.Need), len(sp.Columns)-1)
	src, err := cs.e.cluster.Source(sp)
	if err != nil {
		return nil, 0, 0, err
	}
	defer src.Close()
	if err := src.Open(ctx, start); err != nil {
		return nil, 0, 0, brokerError(err, "read topic "+sp.Topic)
	}
	for {
		c, err := src.Poll(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil, 0, ends[p], nil
		case err != nil && ctx.Err() != nil:
			return nil, 0, 0, canceled(ctx)
		case err != nil:
			return nil, 0, 0, brokerError(err, "read topic "+sp.Topic)
		}
		if c.Partition == p && c.Batch.Rows() > 0 {
			return c.Batch, 0, batch.ValueAt(c.Batch.Cols[len(sp.Columns)-1], 0).I + 1, nil
		}
	}
}

package operators

import (
	"fmt"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators/agg"
	"streamsql/state"
)

// AggSpec is one aggregate of an aggregate operator.
type AggSpec struct {
	Agg      *expr.Agg
	Args     []int // input columns; none for count(*)
	Distinct bool
	Filter   int       // boolean input column, or -1
	Order    []SortKey // array_agg(x ORDER BY y)
	NotNull  bool      // all Args are known to be not NULL
}

// AggregateConfig configures NewAggregate. The output is the key columns, then one column per aggregate.
type AggregateConfig struct {
	In         []types.Type
	Keys       []int
	KeyNotNull []bool // per key: known to be never NULL; nil = nothing is known
	Aggs       []AggSpec
	Scalar     bool // no keys, and always exactly one row
	// Always are the keys of groups that are there even without rows: the empty grouping sets.
	Always     [][]types.Value
	AppendOnly bool // no weight is ever negative
	// Keep lets a group that has lost its rows stay, with the aggregates of no rows, as ksqlDB's tables do.
	Keep bool
	Env  *expr.Env
}

// aggregate is GROUP BY. A group is there while the sum of its rows' weights is positive; a scalar one always, and so are
// those of the empty grouping sets.
//
// Law:   out = for each different key of the rows in Σ in, one row: the key and the aggregates over its rows, NULL keys
// being equal to each other.
// Table: groups: key -> Σ weight, then the words of its aggregates (agg.Set); agg0, agg1 …: what of them does not fit
// words; forms: slot -> how the key is written, where equal keys can be written differently.
// With Keep the groups are those that ever had a row: a function of what came, not of its sum.
// Bound: the number of different keys; min, max under retraction, DISTINCT and the listing aggregates keep each different
// value of a group.
//
// Push only changes state. While somebody listens it remembers, for each group touched for the first time in the tick,
// an image of its state before, and Flush emits the groups whose row really changed: the old one -1, the new one +1.
type aggregate struct {
	name       string // for errors
	slots      *state.Slots
	key        groupKey
	set        *agg.Set
	out        []types.Type // key columns, then results
	keys       int
	scalar     bool
	appendOnly bool
	keep       bool
	kept       map[int32]bool // groups that were without rows at the end of a tick, and stay; nil without keep
	always     []int32        // groups that are there without rows
	born       bool           // those were made by this run and nobody has seen them yet

	resultRows, keyRows *batch.Builder // scratch of Flush

	at       []int32    // slot of each row of the batch
	touched  touched    // in this tick, only while wanted
	before   agg.Images // of touched, in the same order
	after    agg.Images // scratch of Flush
	suspects []int32    // slots whose weight was not positive at some time of the tick; may repeat
}

// NewAggregate returns a GROUP BY operator. An aggregate function it does not have is 0A000.
func NewAggregate(c AggregateConfig, sp *state.Space) (Readable, error) {
	return newAggregate("aggregate", c, sp)
}

func newAggregate(name string, c AggregateConfig, sp *state.Space) (Readable, error) {
	specs := make([]agg.Spec, len(c.Aggs))
	for i, a := range c.Aggs {
		specs[i] = agg.Spec{Agg: a.Agg, Args: a.Args, Distinct: a.Distinct, Filter: a.Filter, Order: a.Order, NotNull: a.NotNull}
	}
	set, err := agg.Compile(specs, c.In, c.AppendOnly, sp)
	if err != nil {
		return nil, err
	}
	o := &aggregate{name: name, set: set, keys: len(c.Keys), scalar: c.Scalar, appendOnly: c.AppendOnly, keep: c.Keep}
	for _, k := range c.Keys {
		o.out = append(o.out, c.In[k])
	}
	for _, a := range c.Aggs {
		o.out = append(o.out, a.Agg.Result)
	}
	o.resultRows, o.keyRows = set.Builder(), batch.NewBuilder(o.out[:o.keys])
	if err := o.open(&c, sp); err != nil {
		return nil, fmt.Errorf("%s: open state: %w", o.name, err)
	}
	return o, nil
}

func (o *aggregate) open(c *AggregateConfig, sp *state.Space) (err error) {
	o.key, o.slots, err = openGroups(c.In, c.Keys, c.KeyNotNull, sp, o.set.Words())
	if err == nil && o.keep {
		o.findKept()
	}
	if err != nil || !o.scalar && len(c.Always) == 0 {
		return err
	}
	// Some groups have their row before any input.
	o.born = o.slots.Len() == 0
	o.always = make([]int32, max(len(c.Always), 1))
	if err := o.key.locate(alwaysColumns(c), o.always); err != nil {
		return err
	}
	o.slots.Touch(o.always)
	return nil
}

// alwaysColumns are the key columns of the groups that are always there, at their places in the input.
func alwaysColumns(c *AggregateConfig) []batch.Vec {
	cols := make([]batch.Vec, len(c.In))
	for i, k := range c.Keys {
		vals := make([]types.Value, len(c.Always))
		for r, key := range c.Always {
			vals[r] = key[i]
		}
		cols[k] = batch.NewVec(c.In[k], vals)
	}
	return cols
}

func (o *aggregate) Push(_ int, in *batch.Batch, out Emitter) error {
	n := in.Rows()
	if n == 0 {
		return nil
	}
	if err := o.locate(in, n); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	rows := o.slots.Rows()
	if out.Wanted() {
		from := len(o.touched.slots)
		for _, s := range o.at {
			o.touched.add(s)
		}
		o.set.Capture(&o.before, rows, o.touched.slots[from:])
	}
	w := agg.WeightsOf(in.Weights)
	if err := o.weigh(rows, w); err != nil {
		return err
	}
	if err := o.set.Update(rows, o.at, in.Cols, w); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	o.slots.Touch(o.at)
	return nil
}

// locate finds the slots of the batch's rows.
func (o *aggregate) locate(in *batch.Batch, n int) error {
	if cap(o.at) < n {
		o.at = make([]int32, n)
	}
	o.at = o.at[:n]
	if !o.scalar {
		return o.key.locate(in.Cols, o.at)
	}
	one := o.at[:1]
	if err := o.key.locate(nil, one); err != nil {
		return err
	}
	for i := range o.at {
		o.at[i] = one[0]
	}
	return nil
}

// weigh adds the rows' weights to their groups.
func (o *aggregate) weigh(rows state.Rows, w agg.Weights) error {
	if w.Ones {
		for _, s := range o.at {
			rows.Chunks[s>>state.ChunkShift][int(s&state.ChunkMask)*rows.Stride+rows.Val]++
		}
		return nil
	}
	for i, s := range o.at {
		p := &rows.Chunks[s>>state.ChunkShift][int(s&state.ChunkMask)*rows.Stride+rows.Val]
		*p += uint64(w.W[i])
		if int64(*p) <= 0 {
			o.suspects = append(o.suspects, s)
		}
		if o.appendOnly && w.W[i] < 0 {
			return fmt.Errorf("%s: a retraction (weight %d) came to an append-only input", o.name, w.W[i])
		}
	}
	return nil
}

func (o *aggregate) Flush(_ Tick, out Emitter) error {
	if err := o.set.Check(); err != nil {
		return fmt.Errorf("%s: %w: a row was retracted that was not there", o.name, err)
	}
	if err := o.check(); err != nil {
		return err
	}
	if out.Wanted() {
		if o.born {
			o.touchBorn()
		}
		if err := o.emit(out); err != nil {
			return err
		}
	}
	o.born = false
	o.touched.reset()
	o.before.Reset()
	return o.sweep()
}

// touchBorn makes sure that the first rows of groups that are always there are emitted even in a tick without input.
func (o *aggregate) touchBorn() {
	for i, s := range o.always {
		if o.touched.add(s) {
			o.set.Capture(&o.before, o.slots.Rows(), o.always[i:i+1])
		}
	}
}

// check refuses groups of negative weight.
func (o *aggregate) check() error {
	for _, s := range o.suspects {
		if w := int64(o.slots.Vals(s)[0]); w < 0 {
			return fmt.Errorf("%s: a group has weight %d: a row was retracted that was not there", o.name, w)
		}
	}
	return nil
}

// sweep removes the groups that have no rows any more.
func (o *aggregate) sweep() error {
	if len(o.suspects) == 0 {
		return nil
	}
	var gone touched
	for _, s := range o.suspects {
		words := o.slots.Vals(s)
		if words[0] != 0 || slices.Contains(o.always, s) || !gone.add(s) {
			continue
		}
		if err := o.set.CheckGone(s, words); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	o.keepGroups(&gone)
	for _, s := range gone.slots {
		o.key.forget(s)
		o.slots.Remove(s)
	}
	o.suspects = o.suspects[:0]
	return nil
}

// emit compares the touched groups with their images and emits the differences.
func (o *aggregate) emit(out Emitter) error {
	rows := o.slots.Rows()
	for from := 0; from < len(o.touched.slots); from += batch.RowsMax / 2 {
		to := min(from+batch.RowsMax/2, len(o.touched.slots))
		o.set.Capture(&o.after, rows, o.touched.slots[from:to])
		if err := o.emitChanges(from, to, &o.after, out); err != nil {
			return err
		}
		o.after.Reset()
	}
	return nil
}

// emitChanges emits the rows of touched groups from, …, to-1 that are not what they were before the tick: the old ones,
// then the new ones.
func (o *aggregate) emitChanges(from, to int, after *agg.Images, out Emitter) error {
	n, slots := to-from, o.touched.slots[from:to]
	results, err := o.set.Results(o.resultRows, o.set.View(&o.before, from, to), o.set.View(after, 0, n)) // n old rows, n new ones
	if err != nil {
		o.resultRows = o.set.Builder() // what is in the old one is of no use
		return fmt.Errorf("%s: %w", o.name, err)
	}
	same := make([]bool, n)
	for i := range same {
		same[i] = true
	}
	for _, v := range results {
		sameHalves(v, same)
	}
	var olds, news []int32
	for i := range same {
		always := slices.Contains(o.always, slots[i])
		was := o.set.Weight(&o.before, from+i) > 0 || always && !o.born || o.kept[slots[i]]
		is := o.set.Weight(after, i) > 0 || always || o.keep
		if was && !(is && same[i]) {
			olds = append(olds, int32(i))
		}
		if is && !(was && same[i]) {
			news = append(news, int32(n+i))
		}
	}
	sel := append(olds, news...)
	if len(sel) == 0 {
		return nil
	}
	b := &batch.Batch{Weights: make([]int64, len(sel))}
	groups := make([]int32, len(sel))
	for i, r := range sel {
		b.Weights[i], groups[i] = -1, slots[int(r)%n]
		if int(r) >= n {
			b.Weights[i] = 1
		}
	}
	if b.Cols, err = o.keyColumns(o.keyRows, groups); err != nil {
		return err
	}
	for _, v := range results {
		if len(sel) < 2*n {
			v = batch.Gather(v, sel)
		}
		b.Cols = append(b.Cols, v)
	}
	return out.Emit(b)
}

// keyColumns returns the key columns of groups; bl is an empty builder of their types.
func (o *aggregate) keyColumns(bl *batch.Builder, slots []int32) ([]batch.Vec, error) {
	if o.keys == 0 {
		return nil, nil
	}
	bl.Reserve(len(slots))
	if err := o.key.columns(slots, bl); err != nil {
		return nil, fmt.Errorf("%s: read group keys: %w", o.name, err)
	}
	bl.EndRows(batch.Ones(len(slots)))
	return bl.Seal().Cols, nil
}

func (o *aggregate) Rows(emit func(*batch.Batch) error) error {
	slots := make([]int32, 0, min(o.slots.Len(), batch.RowsMax))
	var err error
	o.slots.Each(func(s int32) bool {
		slots = append(slots, s)
		if len(slots) == batch.RowsMax {
			err = o.read(slots, emit)
			slots = slots[:0]
		}
		return err == nil
	})
	if err == nil && len(slots) > 0 {
		err = o.read(slots, emit)
	}
	return err
}

// read emits the present rows of groups. It writes nothing of o.
func (o *aggregate) read(slots []int32, emit func(*batch.Batch) error) error {
	keys, err := o.keyColumns(batch.NewBuilder(o.out[:o.keys]), slots)
	if err != nil {
		return err
	}
	var now agg.Images
	o.set.Capture(&now, o.slots.Rows(), slots)
	results, err := o.set.Results(o.set.Builder(), o.set.View(&now, 0, len(slots)))
	if err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return emit(&batch.Batch{Cols: append(keys, results...), Weights: batch.Ones(len(slots))})
}

func (o *aggregate) Key() []int {
	if o.scalar {
		return nil
	}
	out := make([]int, o.keys)
	for i := range out {
		out[i] = i
	}
	return out
}

func (o *aggregate) Lookup(key []types.Value, emit func(*batch.Batch) error) error {
	s, ok := o.key.find(key)
	if !ok {
		return nil
	}
	return o.read([]int32{s}, emit)
}

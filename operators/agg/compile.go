package agg

import (
	"fmt"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// Spec is one aggregate over columns of the input.
type Spec struct {
	Agg      *expr.Agg
	Args     []int // input columns; none for count(*)
	Distinct bool
	Filter   int // boolean input column, or -1
	Order    []rowkey.SortKey
	NotNull  bool // all Args are known to be not NULL
}

// compiler builds a Set, sharing feeds and cells between aggregates.
type compiler struct {
	set        *Set
	in         []types.Type
	appendOnly bool
	sp         *state.Space
	feeds      map[feedKey]int
	counts     map[int]int               // feed -> word
	ints       map[int]*intCell          // feed -> the one intCell of its argument
	trues      map[int]int               // feed -> word
	floats     map[int]floatPart         // feed -> sum
	decs       map[int]decPart           // feed -> sum
	spans      map[int]int               // feed -> word
	extremes   map[extremeKey]partReader // feed, max
	momentsOf  map[wordsKey]int          // first word
	bitsOf     map[wordsKey]int          // first word
	tables     int
}

type (
	floatPart struct {
		sum  *floatSum
		part int
	}
	decPart struct {
		sum  *decSum
		part int
	}
	wordsKey   struct{ feed, col int }
	extremeKey struct {
		feed int
		max  bool
	}
)

// Compile builds the Set of aggregates over rows of types in. appendOnly: no weight is ever negative. Tables that
// aggregates need are opened in sp. An aggregate without a kernel is 0A000.
func Compile(specs []Spec, in []types.Type, appendOnly bool, sp *state.Space) (*Set, error) {
	c := &compiler{
		set: &Set{words: 1}, in: in, appendOnly: appendOnly, sp: sp,
		feeds: map[feedKey]int{}, counts: map[int]int{}, ints: map[int]*intCell{}, trues: map[int]int{},
		floats: map[int]floatPart{}, decs: map[int]decPart{}, spans: map[int]int{}, extremes: map[extremeKey]partReader{},
		momentsOf: map[wordsKey]int{}, bitsOf: map[wordsKey]int{},
	}
	for i := range specs {
		r, err := c.aggregate(&specs[i])
		if err != nil {
			return nil, err
		}
		if p, ok := r.(partReader); ok {
			if l, ok := p.x.(*list); ok && appendOnly && l.limit > 0 {
				l.trim, l.grown = true, map[int32]struct{}{}
			}
		}
		c.set.readers = append(c.set.readers, r)
		c.set.results = append(c.set.results, specs[i].Agg.Result)
	}
	return c.set, nil
}

func (c *compiler) aggregate(s *Spec) (reader, error) {
	if s.Agg.Kind != expr.PlainAgg {
		return c.orderedSet(s)
	}
	if r, err := c.ksql(s); r != nil || err != nil {
		return r, err
	}
	switch s.Agg.Name {
	case "count":
		if len(s.Args) > 1 {
			return nil, pgerr.Unsupported(pgerr.NoPos, "count of several columns")
		}
		f, err := c.feed(s, s.Distinct)
		if err != nil {
			return nil, err
		}
		return countReader{c.count(f)}, nil
	case "sum", "avg":
		return c.sum(s)
	case "min", "max":
		return c.extreme(s)
	case "any_value":
		f, err := c.feed(s, false)
		if err != nil {
			return nil, err
		}
		return c.extremeExtra(f, s.Args[0], false)
	case "bool_and", "every", "bool_or":
		f, err := c.feed(s, false)
		if err != nil {
			return nil, err
		}
		return boolReader{n: c.count(f), trues: c.trueCount(f, s.Args[0]), or: s.Agg.Name == "bool_or"}, nil
	case "array_agg", "string_agg":
		return c.list(s)
	case "bit_and", "bit_or", "bit_xor":
		if c.in[s.Args[0]].Kind == types.Bit {
			return c.list(s)
		}
		return c.bits(s)
	case "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop":
		if c.in[s.Args[0]].IsInteger() {
			return c.moments(s)
		}
		return c.list(s)
	}
	if len(s.Args) > 0 && foldOf(s.Agg, c.argTypes(s)) != nil {
		return c.list(s)
	}
	return nil, pgerr.Unsupported(pgerr.NoPos, "aggregate function %s", s.Agg.Name)
}

// feed returns the feed of an aggregate that ignores NULLs of its first argument.
func (c *compiler) feed(s *Spec, distinct bool) (int, error) {
	k := feedKey{filter: s.Filter, notNull: -1}
	if len(s.Args) > 0 && (!s.NotNull || distinct) {
		k.notNull = s.Args[0]
	} else if len(s.Args) > 0 {
		c.set.notNull = append(c.set.notNull, s.Args[0])
	}
	if distinct && len(s.Args) == 0 {
		distinct = false
	}
	plain := c.feedOf(k)
	if !distinct {
		return plain, nil
	}
	k.distinct = true
	if i, ok := c.feeds[k]; ok {
		return i, nil
	}
	g := newGate(c.in[k.notNull], c.set.feeds[plain])
	t, err := c.table()
	if err != nil {
		return 0, err
	}
	g.table = t
	c.set.extras = append(c.set.extras, g)
	i := c.feedOf(k)
	c.set.feeds[i].gate = g
	return i, nil
}

func (c *compiler) feedOf(k feedKey) int {
	i, ok := c.feeds[k]
	if !ok {
		i = len(c.set.feeds)
		c.feeds[k] = i
		c.set.feeds = append(c.set.feeds, &feed{key: k})
	}
	return i
}

func (c *compiler) table() (*state.Table, error) {
	t, err := c.sp.Table(fmt.Sprintf("agg%d", c.tables))
	c.tables++
	return t, err
}

// take reserves n words and returns the first.
func (c *compiler) take(n int) int {
	w := c.set.words
	c.set.words += n
	return w
}

func (c *compiler) place(feed int, x cell) {
	c.set.cells = append(c.set.cells, placedCell{feed, x})
}

// count returns the word with the number of a feed's rows: the group's weight if the feed is all of them.
func (c *compiler) count(feed int) int {
	k := c.set.feeds[feed].key
	if k.filter < 0 && k.notNull < 0 {
		return 0
	}
	w, ok := c.counts[feed]
	if ok {
		return w
	}
	w = c.take(1)
	c.counts[feed] = w
	if x := c.ints[feed]; x != nil {
		x.count, x.words = w, c.set.words
		return w
	}
	c.place(feed, &countCell{w})
	return w
}

func (c *compiler) trueCount(feed, col int) int {
	w, ok := c.trues[feed]
	if !ok {
		w = c.take(1)
		c.trues[feed] = w
		c.place(feed, &trueCell{word: w, col: col})
	}
	return w
}

// intCell returns the cell of a feed's integer argument. It takes over the feed's count, to save a pass.
func (c *compiler) intCell(feed, col int) *intCell {
	x := c.ints[feed]
	if x != nil && x.col == col {
		return x
	}
	x = &intCell{col: col, count: none, sum: none, max: none, min: none}
	c.ints[feed] = x
	if w, ok := c.counts[feed]; ok {
		for i, p := range c.set.cells {
			if n, ok := p.cell.(*countCell); ok && n.word == w {
				x.count, x.words = w, w+1
				c.set.cells[i].cell = x
				return x
			}
		}
	}
	c.place(feed, x)
	return x
}

func (c *compiler) sum(s *Spec) (reader, error) {
	f, err := c.feed(s, s.Distinct)
	if err != nil {
		return nil, err
	}
	col, avg := s.Args[0], s.Agg.Name == "avg"
	t := c.in[col]
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8:
		x := c.intCell(f, col)
		n := c.count(f)
		if x.sum < 0 {
			x.sum = c.take(2)
			x.words = c.set.words
		}
		if avg {
			return avgReader{n: n, sum: x.sum}, nil
		}
		return sumReader{n: n, sum: x.sum, wide: t.Kind == types.Int8}, nil
	case types.Numeric:
		p, err := c.decSum(f, col)
		return decReader{n: c.count(f), sum: p.sum, part: p.part, avg: avg}, err
	case types.Float4, types.Float8:
		p, err := c.floatSum(f, col)
		return floatReader{n: c.count(f), sum: p.sum, part: p.part, avg: avg, single: s.Agg.Result.Kind == types.Float4}, err
	case types.Interval:
		w, ok := c.spans[f]
		if !ok {
			w = c.take(3)
			c.spans[f] = w
			c.place(f, &spanCell{col: col, word: w})
		}
		return spanReader{n: c.count(f), word: w, avg: avg}, nil
	}
	return nil, pgerr.Unsupported(pgerr.NoPos, "%s(%s)", s.Agg.Name, t)
}

func (c *compiler) decSum(feed, col int) (decPart, error) {
	p, ok := c.decs[feed]
	if ok && p.sum.col == col {
		return p, nil
	}
	t, err := c.table()
	if err != nil {
		return p, err
	}
	p = decPart{newDecSum(c.in[col], col, c.set.words, t), len(c.set.extras)}
	c.take(p.sum.words())
	c.set.extras = append(c.set.extras, p.sum)
	c.place(feed, p.sum)
	c.decs[feed] = p
	return p, nil
}

func (c *compiler) floatSum(feed, col int) (floatPart, error) {
	p, ok := c.floats[feed]
	if ok && p.sum.col == col {
		return p, nil
	}
	t, err := c.table()
	if err != nil {
		return p, err
	}
	p = floatPart{&floatSum{col: col, word: c.take(floatWords), spill: t}, len(c.set.extras)}
	c.set.extras = append(c.set.extras, p.sum)
	c.place(feed, p.sum)
	c.floats[feed] = p
	return p, nil
}

// extreme compiles min and max. DISTINCT makes no difference to them.
func (c *compiler) extreme(s *Spec) (reader, error) {
	f, err := c.feed(s, false)
	if err != nil {
		return nil, err
	}
	col, isMax := s.Args[0], s.Agg.Name == "max"
	t := c.in[col]
	switch {
	case c.appendOnly && t.Class() == types.ClassInt:
		x := c.intCell(f, col)
		n, at := c.count(f), &x.min
		if isMax {
			at = &x.max
		}
		if *at < 0 {
			*at = c.take(1)
			x.words = c.set.words
		}
		return intExtremeReader{n: n, word: *at, min: !isMax}, nil
	case c.appendOnly && t.Class() == types.ClassFloat:
		w := c.take(1)
		c.place(f, &floatExtremeCell{col: col, word: w, min: !isMax})
		return floatExtremeReader{n: c.count(f), word: w, min: !isMax}, nil
	}
	return c.extremeExtra(f, col, isMax)
}

// extremeExtra shares one multiset between min and max of a column, except where each keeps only its best.
func (c *compiler) extremeExtra(f, col int, isMax bool) (reader, error) {
	k := extremeKey{f, isMax}
	if r, ok := c.extremes[k]; ok && r.x.(*extreme).col == col {
		return r, nil
	}
	t, err := c.table()
	if err != nil {
		return nil, err
	}
	x := newExtreme(c.in[col], f, col, isMax, c.appendOnly)
	x.table = t
	r := partReader{part: len(c.set.extras), x: x}
	c.set.extras = append(c.set.extras, x)
	c.extremes[k] = r
	return r, nil
}

func (c *compiler) list(s *Spec) (reader, error) {
	x, r, err := c.newList(s, s.Agg.IgnoresNulls)
	if err != nil {
		return nil, err
	}
	x.fold = foldOf(s.Agg, x.argTypes)
	if s.Agg.Name == "regr_count" {
		x.zero = append([]byte{listFull}, make([]byte, 8)...)
	}
	return r, nil
}

// newList makes the list of an aggregate's arguments; skipNulls leaves out rows whose (sorted) argument is NULL.
func (c *compiler) newList(s *Spec, skipNulls bool) (*list, reader, error) {
	k := feedKey{filter: s.Filter, notNull: -1}
	if skipNulls && !s.NotNull {
		k.notNull = s.Args[s.Agg.Direct]
	}
	t, err := c.table()
	if err != nil {
		return nil, nil, err
	}
	x := newList(s, c.in, c.feedOf(k))
	x.table, x.result = t, s.Agg.Result
	c.set.extras = append(c.set.extras, x)
	return x, partReader{part: len(c.set.extras) - 1, x: x}, nil
}

func (c *compiler) argTypes(s *Spec) []types.Type {
	ts := make([]types.Type, len(s.Args))
	for i, a := range s.Args {
		ts[i] = c.in[a]
	}
	return ts
}

// moments compiles stddev and variance over integers.
func (c *compiler) moments(s *Spec) (reader, error) {
	f, err := c.feed(s, s.Distinct)
	if err != nil {
		return nil, err
	}
	k := wordsKey{f, s.Args[0]}
	w, ok := c.momentsOf[k]
	if !ok {
		w = c.take(momentWords)
		c.momentsOf[k] = w
		c.place(f, &momentCell{word: w, col: s.Args[0]})
	}
	return momentReader{n: c.count(f), word: w, spread: spreads[s.Agg.Name]}, nil
}

// bits compiles bit_and, bit_or and bit_xor. DISTINCT matters to the last.
func (c *compiler) bits(s *Spec) (reader, error) {
	f, err := c.feed(s, s.Distinct)
	if err != nil {
		return nil, err
	}
	width := map[types.Kind]int{types.Int2: 16, types.Int4: 32}[c.in[s.Args[0]].Kind]
	if width == 0 {
		width = 64
	}
	k := wordsKey{f, s.Args[0]}
	w, ok := c.bitsOf[k]
	if !ok {
		w = c.take(width)
		c.bitsOf[k] = w
		c.place(f, &bitCell{word: w, col: s.Args[0], width: width})
	}
	return bitReader{n: c.count(f), word: w, width: width, op: map[string]byte{"bit_and": '&', "bit_or": '|', "bit_xor": '#'}[s.Agg.Name]}, nil
}

package operators

import (
	"fmt"
	"math"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// groupKey maps the key columns of rows to the slots of their groups. There are two layouts: words for columns of fixed
// width, encoded bytes for all else. locate belongs to the operator's goroutine; columns and find only read.
type groupKey interface {
	// locate writes the slot of each row's group to out, adding slots for new groups.
	locate(cols []batch.Vec, out []int32) error
	// columns appends the key columns of slots to the columns of bl from 0 on (without weights).
	columns(slots []int32, bl *batch.Builder) error
	// find returns the slot of a group.
	find(key []types.Value) (int32, bool)
	// forget is told that slot is about to be removed.
	forget(slot int32)
}

// openGroups opens the slots of groups by columns cols, with valWords words each, in the layout that fits the columns.
func openGroups(in []types.Type, cols []int, notNull []bool, sp *state.Space, valWords int) (groupKey, *state.Slots, error) {
	if k := newWordKey(in, cols, notNull); k != nil {
		s, err := k.open(sp, valWords)
		return k, s, err
	}
	k := newByteKey(in, cols)
	s, err := k.open(sp, valWords)
	return k, s, err
}

// wordKey packs key columns of the classes bool, int and float into a word each, after one word with a bit per NULL
// unless no column can be NULL. Equal keys are equal words: -0 is 0, and there is one NaN.
type wordKey struct {
	slots   *state.Slots
	cols    []int
	types   []types.Type
	nullsAt int // 1 with a word for NULLs, else 0
	width   int
	keys    []uint64
	hashes  []uint64
}

// newWordKey returns nil if the columns do not fit the layout. No columns make one constant word.
func newWordKey(in []types.Type, cols []int, notNull []bool) *wordKey {
	k := &wordKey{cols: cols, types: make([]types.Type, len(cols))}
	for i, c := range cols {
		switch in[c].Class() {
		case types.ClassBool, types.ClassInt, types.ClassFloat:
		default:
			return nil
		}
		k.types[i] = in[c]
		if notNull == nil || !notNull[i] {
			k.nullsAt = 1
		}
	}
	if len(cols) > 64 {
		return nil
	}
	k.width = max(len(cols)+k.nullsAt, 1)
	return k
}

func (k *wordKey) open(sp *state.Space, valWords int) (s *state.Slots, err error) {
	k.slots, err = sp.Slots("groups", k.width, valWords)
	return k.slots, err
}

func (k *wordKey) locate(cols []batch.Vec, out []int32) error {
	n := len(out)
	k.keys = slices.Grow(k.keys[:0], n*k.width)[:n*k.width]
	k.hashes = slices.Grow(k.hashes[:0], n)[:n]
	if k.nullsAt == 1 || len(k.cols) == 0 {
		fillColumn(k.keys, 0, k.width)
	}
	for i, c := range k.cols {
		if k.nullsAt == 0 && cols[c].NullMap().Any(n) {
			return fmt.Errorf("NULL in group key column %d, which was planned as NOT NULL", c)
		}
		packColumn(k.keys, cols[c], k.nullsAt+i, k.width)
		if k.nullsAt == 1 {
			packNulls(k.keys, cols[c], i, k.width, n)
		}
	}
	state.HashRows(k.keys, k.width, k.hashes)
	k.slots.FindOrAdd(k.keys, k.hashes, out)
	return nil
}

func fillColumn(keys []uint64, at, width int) {
	for i := at; i < len(keys); i += width {
		keys[i] = 0
	}
}

// packColumn writes a column's words to every width-th place of keys. A NULL row's value is zero in every vector.
func packColumn(keys []uint64, v batch.Vec, at, width int) {
	switch v := v.(type) {
	case *batch.Ints:
		for _, x := range v.V {
			if at >= len(keys) {
				break
			}
			keys[at] = uint64(x)
			at += width
		}
	case *batch.Bools:
		for _, x := range v.V {
			keys[at] = 0
			if x {
				keys[at] = 1
			}
			at += width
		}
	case *batch.Floats:
		for _, x := range v.V {
			keys[at] = floatWord(x)
			at += width
		}
	}
}

func floatWord(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case x != x:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x)
}

func packNulls(keys []uint64, v batch.Vec, bit, width, rows int) {
	nulls := v.NullMap()
	if !nulls.Any(rows) {
		return
	}
	for i := range rows {
		if nulls.Has(i) {
			keys[i*width] |= 1 << bit
			keys[i*width+1+bit] = 0
		}
	}
}

func (k *wordKey) columns(slots []int32, bl *batch.Builder) error {
	for i, t := range k.types {
		out := bl.Col(i)
		for _, s := range slots {
			words := k.slots.Key(s)
			x := words[k.nullsAt+i]
			switch {
			case k.nullsAt == 1 && words[0]&(1<<i) != 0:
				out.AppendNull()
			case t.Class() == types.ClassInt:
				out.AppendInt(int64(x))
			case t.Class() == types.ClassBool:
				out.AppendBool(x != 0)
			default:
				out.AppendFloat(math.Float64frombits(x))
			}
		}
	}
	return nil
}

func (k *wordKey) find(key []types.Value) (int32, bool) {
	words := make([]uint64, k.width)
	for i, v := range key {
		switch {
		case v.Null && k.nullsAt == 0:
			return 0, false
		case v.Null:
			words[0] |= 1 << i
		case v.B:
			words[k.nullsAt+i] = 1
		case k.types[i].Class() == types.ClassInt:
			words[k.nullsAt+i] = uint64(v.I)
		case k.types[i].Class() == types.ClassFloat:
			words[k.nullsAt+i] = floatWord(v.F)
		}
	}
	return k.slots.Find(words, state.Hash(words))
}

func (k *wordKey) forget(int32) {}

// byteKey encodes key columns as bytes. Where equal values can be written differently (numeric, interval …) a table
// keeps the form of the first row of each group, which is what the group shows:
//
//	slot -> row encoding of the key columns
type byteKey struct {
	slots *state.Slots
	codec *rowkey.Codec
	forms *state.Table // nil if keys can be decoded
	data  []byte
	off   []uint32
	hash  []uint64
	form  []byte
}

func newByteKey(in []types.Type, cols []int) *byteKey {
	return &byteKey{codec: rowkey.NewCodec(in, cols)}
}

func (k *byteKey) open(sp *state.Space, valWords int) (s *state.Slots, err error) {
	if !k.codec.Exact {
		if k.forms, err = sp.Table("forms"); err != nil {
			return nil, err
		}
	}
	k.slots, err = sp.Slots("groups", 0, valWords)
	return k.slots, err
}

func (k *byteKey) locate(cols []batch.Vec, out []int32) error {
	vecs := make([]batch.Vec, len(k.codec.Cols))
	for i, c := range k.codec.Cols {
		vecs[i] = cols[c]
	}
	k.data, k.off, k.hash = k.data[:0], append(k.off[:0], 0), k.hash[:0]
	for i := range out {
		at := len(k.data)
		k.data = k.codec.Append(k.data, vecs, i)
		k.off = append(k.off, uint32(len(k.data)))
		k.hash = append(k.hash, state.HashBytes(k.data[at:]))
	}
	k.slots.FindOrAddBytes(k.data, k.off, k.hash, out)
	if k.forms != nil {
		k.keepForms(vecs, out)
	}
	return nil
}

func (k *byteKey) keepForms(vecs []batch.Vec, slots []int32) {
	var key [4]byte
	for i, s := range slots {
		putSlot(&key, s)
		if _, ok := k.forms.Get(key[:]); !ok {
			k.form = batch.AppendRow(k.form[:0], vecs, i)
			k.forms.Put(key[:], k.form)
		}
	}
}

func putSlot(key *[4]byte, s int32) {
	key[0], key[1], key[2], key[3] = byte(s>>24), byte(s>>16), byte(s>>8), byte(s)
}

func (k *byteKey) columns(slots []int32, bl *batch.Builder) error {
	var key [4]byte
	for _, s := range slots {
		row := []byte(nil)
		if k.forms != nil {
			putSlot(&key, s)
			row, _ = k.forms.Get(key[:])
		} else {
			row = k.slots.KeyBytes(s)
		}
		if err := batch.DecodeRow(row, bl, 0); err != nil {
			return err
		}
	}
	return nil
}

func (k *byteKey) find(key []types.Value) (int32, bool) {
	b := k.codec.Append(nil, k.codec.VecsOf(key), 0)
	return k.slots.FindBytes(b, state.HashBytes(b))
}

func (k *byteKey) forget(slot int32) {
	if k.forms != nil {
		var key [4]byte
		putSlot(&key, slot)
		k.forms.Delete(key[:])
	}
}

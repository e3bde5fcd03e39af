package batch

import "streamsql/internal/types"

type Builder struct{}

// Appender appends values to one column of a Builder; the method called must fit the column's class.
type Appender struct{ c *column }

type column struct{}

func (a Appender) AppendInt(x int64)                            { panic("unfinished") }
func (a Appender) AppendFloat(x float64)                        { panic("unfinished") }
func (a Appender) AppendBool(x bool)                            { panic("unfinished") }
func (a Appender) AppendBytes(x []byte)                         { panic("unfinished") }
func (a Appender) AppendString(x string)                        { panic("unfinished") }
func (a Appender) AppendDec(x types.Dec)                        { panic("unfinished") }
func (a Appender) AppendSpan(x types.Span)                      { panic("unfinished") }
func (a Appender) AppendNull()                                  { panic("unfinished") }
func (a Appender) AppendValue(v types.Value)                    { panic("unfinished") }
func (a Appender) AppendFrom(v Vec, row int)                    { panic("unfinished") }
func (a Appender) Len() int                                     { panic("unfinished") }
func (a Appender) Truncate(n int)                               { panic("unfinished") }
func NewBuilder(ts []types.Type) *Builder                       { panic("unfinished: NewBuilder") }
func (b *Builder) Append(weight int64, vals []types.Value)      { panic("unfinished") }
func (b *Builder) AppendRow(weight int64, from *Batch, row int) { panic("unfinished") }
func (b *Builder) Len() int                                     { panic("unfinished") }
func (b *Builder) Col(i int) Appender                           { panic("unfinished") }
func (b *Builder) Weight(w int64)                               { panic("unfinished") }
func (b *Builder) Reserve(rows int)                             { panic("unfinished") }
func (b *Builder) Seal() *Batch                                 { panic("unfinished") }
func NewVec(t types.Type, vals []types.Value) Vec               { panic("unfinished: NewVec") }
func Const(t types.Type, v types.Value, n int) Vec              { panic("unfinished: Const") }
func MakeVec(c types.Class, capRows int) Vec                    { panic("unfinished: MakeVec") }
func Gather(v Vec, sel []int32) Vec                             { panic("unfinished: Gather") }
func (b *Batch) Select(sel []int32) *Batch                      { panic("unfinished: Select") }
func (b *Batch) Slice(i, j int) *Batch                          { panic("unfinished: Slice") }
func Concat(bs []*Batch) *Batch                                 { panic("unfinished: Concat") }
func (b *Batch) Negate() *Batch                                 { panic("unfinished: Negate") }
func Consolidate(ts []types.Type, bs ...*Batch) *Batch          { panic("unfinished: Consolidate") }
func AppendRow(dst []byte, cols []Vec, row int) []byte          { panic("unfinished: AppendRow") }
func DecodeRow(b []byte, bl *Builder, firstCol int) error       { panic("unfinished: DecodeRow") }
func AppendKey(dst []byte, t types.Type, v Vec, row int) []byte { panic("unfinished: AppendKey") }
func HashCols(ts []types.Type, cols []Vec, out []uint64)        { panic("unfinished: HashCols") }
func Parse(ts []types.Type, text string) (*Batch, error)        { panic("unfinished: Parse") }
func (b *Batch) Format(ts []types.Type) string                  { panic("unfinished: Format") }

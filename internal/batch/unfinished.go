package batch

import "streamsql/internal/types"

func Consolidate(ts []types.Type, bs ...*Batch) *Batch          { panic("unfinished: Consolidate") }
func AppendRow(dst []byte, cols []Vec, row int) []byte          { panic("unfinished: AppendRow") }
func DecodeRow(b []byte, bl *Builder, firstCol int) error       { panic("unfinished: DecodeRow") }
func AppendKey(dst []byte, t types.Type, v Vec, row int) []byte { panic("unfinished: AppendKey") }
func HashCols(ts []types.Type, cols []Vec, out []uint64)        { panic("unfinished: HashCols") }
func Parse(ts []types.Type, text string) (*Batch, error)        { panic("unfinished: Parse") }
func (b *Batch) Format(ts []types.Type) string                  { panic("unfinished: Format") }

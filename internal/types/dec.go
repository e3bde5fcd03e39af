package types

import "math/big"

// Dec is an arbitrary-precision decimal (numeric). The zero Dec is 0.
type Dec struct {
	lo    int64
	scale int32
	form  uint8
	big   *big.Int
}

package expr

import (
	"strconv"

	"streamsql/internal/types"
)

// sizeUnits are pg_size_pretty's, each 1024 of the one before; up to limit a size is given in the unit.
var sizeUnits = []string{"bytes", "kB", "MB", "GB", "TB", "PB"}

func init() {
	def("pg_size_pretty(int8) text", "a size in bytes, in the unit that suits it", "pg_size_pretty(123456) => 121 kB", rows(func(r *row, a []types.Value) (types.Value, error) {
		return r.text(prettySize(a[0].I)), nil
	}))
}

// prettySize keeps one bit more than the unit from kB on, to round by in the end.
func prettySize(n int64) string {
	for i, unit := range sizeUnits {
		limit, rounds := int64(20*1024-1), i > 0
		if i == 0 {
			limit = 10 * 1024
		}
		if i+1 == len(sizeUnits) || max(n, -n) < limit {
			if rounds && n < 0 {
				n = (n - 1) / 2
			} else if rounds {
				n = (n + 1) / 2
			}
			return strconv.FormatInt(n, 10) + " " + unit
		}
		if rounds {
			n /= 1024
		} else {
			n /= 512
		}
	}
	return ""
}

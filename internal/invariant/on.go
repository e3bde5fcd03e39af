//go:build invariants || race

package invariant

import "streamsql/internal/pgerr"

// Enabled says whether this build checks invariants.
const Enabled = true

// Check panics with an XX000 *pgerr.Error unless cond holds. The arguments are evaluated in every build: guard
// expensive ones with Enabled.
func Check(cond bool, format string, args ...any) {
	if !cond {
		panic(pgerr.New(pgerr.InternalError, "invariant violated: "+format, args...))
	}
}

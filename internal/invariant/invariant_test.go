package invariant

import (
	"testing"

	"streamsql/internal/pgerr"
)

func TestCheck(t *testing.T) {
	Check(true, "never said")
	defer func() {
		r := recover()
		if !Enabled {
			if r != nil {
				t.Errorf("an ordinary build panics: %v", r)
			}
			return
		}
		if e, ok := r.(*pgerr.Error); !ok || e.Code != pgerr.InternalError || e.Msg != "invariant violated: 3 rows" {
			t.Errorf("panic with %v", r)
		}
	}()
	Check(false, "%d rows", 3)
}

package expr

import "testing"

// TestPrettySize: what PostgreSQL gives.
func TestPrettySize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 10239: "10239 bytes", 10240: "10 kB", 20971: "20 kB", -20971: "-20 kB",
		1048575: "1024 kB", 123456789: "118 MB", 5000000000: "4768 MB", 9223372036854775807: "8192 PB"} {
		if got := prettySize(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

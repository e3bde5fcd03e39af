package pgerr

import "iter"

// Nearest returns the one of names that is closest to name, for hints: "" if none is close, which is a third of its
// letters and one more changed. Of several equally close ones it is the one that sorts first.
func Nearest(name string, names iter.Seq[string]) string {
	best, bestDist := "", 1+len(name)/3
	for n := range names {
		d := EditDistance(name, n)
		if d < len(name) && (d < bestDist || d == bestDist && (best == "" || n < best)) {
			best, bestDist = n, d
		}
	}
	return best
}

// EditDistance is Levenshtein's distance between two names in bytes, with neighbours exchanged as one change.
func EditDistance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

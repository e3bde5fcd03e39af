package regex

// Dissection: a range that a part's NFA takes is divided among what the part is made of, groups are set, back references
// compared.

// reaches reports that t's NFA takes begin..end.
func (re *Regexp) reaches(t *tree, begin, end int) bool {
	return re.extent(re.program(t), begin, end, end, true) == end
}

// last is the last end of t from begin up to most, or -1; first the first end from least up to most.
func (re *Regexp) last(t *tree, begin, most int) int {
	return re.extent(re.program(t), begin, begin, most, false)
}

func (re *Regexp) first(t *tree, begin, least, most int) int {
	return re.extent(re.program(t), begin, least, most, true)
}

// dissect divides begin..end, which t's NFA takes. False: it cannot be done (only back references make it so), or the
// steps have run out.
func (re *Regexp) dissect(t *tree, begin, end int) bool {
	if re.steps < 0 || re.comp.left < 0 {
		re.steps = -1
		return false
	}
	switch t.op {
	case concat:
		return re.dissectConcat(t, begin, end)
	case alternate:
		for _, k := range t.kids {
			if re.reaches(k, begin, end) && re.dissect(k, begin, end) {
				return true
			}
		}
		return false
	case iterate:
		return re.dissectIteration(t, begin, end)
	case capture:
		if !re.dissect(t.left, begin, end) {
			return false
		}
		re.match[2*t.group], re.match[2*t.group+1] = begin, end
	case backref:
		return re.dissectBackref(t, begin, end)
	}
	return true
}

// dissectConcat gives the left part the most, or the least, that leaves the right part a range it takes.
func (re *Regexp) dissectConcat(t *tree, begin, end int) bool {
	short := t.left.shortest()
	mid := -1
	if short {
		mid = re.first(t.left, begin, begin, end)
	} else {
		mid = re.last(t.left, begin, end)
	}
	for mid >= 0 && re.steps >= 0 {
		if re.reaches(t.right, mid, end) && re.dissect(t.left, begin, mid) && re.dissect(t.right, mid, end) {
			return true
		}
		switch {
		case short && mid < end:
			mid = re.first(t.left, begin, mid+1, end)
		case !short && mid > begin:
			mid = re.last(t.left, begin, mid-1)
		default:
			return false
		}
		t.forget(re.match)
	}
	return false
}

func (re *Regexp) dissectBackref(t *tree, begin, end int) bool {
	from, to := re.match[2*t.group], re.match[2*t.group+1]
	if from < 0 {
		return false
	}
	size, length := to-from, end-begin
	if size == 0 {
		return length == 0
	}
	if length == 0 {
		return t.min == 0
	}
	rounds := length / size
	if length%size != 0 || rounds < t.min || t.max != infinite && rounds > t.max {
		return false
	}
	for i := range rounds {
		if !re.sameText(from, begin+i*size, size) {
			return false
		}
	}
	return true
}

// dissectIteration divides a range into rounds: by what the NFA says first, then each round is dissected; where one
// fails, the round before it is made shorter (longer, where the shortest is preferred). Empty rounds count only where
// they are needed.
func (re *Regexp) dissectIteration(t *tree, begin, end int) bool {
	least := t.min
	if least <= 0 {
		if begin == end && t.left.shortest() {
			return true
		}
		least = 1
	}
	most := end - begin
	if t.max != infinite {
		most = min(most, t.max)
	}
	it := iteration{re: re, t: t, end: end, least: least, most: max(most, least), short: t.left.shortest()}
	it.ends = append(make([]int, 0, 8), begin)
	it.limit = end
	if it.short {
		it.limit = begin
	}
	return it.run() || t.min == 0 && begin == end && re.steps >= 0 // no round at all
}

// iteration is the state of dissectIteration: ends[k] is where round k ends, the first verified rounds are dissected.
type iteration struct {
	re          *Regexp
	t           *tree
	end         int
	least, most int
	short       bool
	ends        []int
	limit       int // the bound of the next round's end
	verified    int
}

func (it *iteration) run() bool {
	for k := 1; k > 0; {
		if it.re.steps < 0 {
			return false
		}
		if !it.round(k) {
			k = it.back(k - 1)
			continue
		}
		it.verified = min(it.verified, k-1)
		if at := it.ends[k]; at != it.end {
			switch {
			case k >= it.most:
				k = it.back(k - 1)
			case !it.short && at == it.ends[k-1] && (k >= it.least || it.least-k < it.end-at):
				k = it.back(k)
			default:
				k++
				it.limit = it.end
				if it.short {
					it.limit = at
				}
			}
			continue
		}
		if k >= it.least && it.verify(k) {
			return true
		}
		k = it.back(k)
	}
	return false
}

// round finds an end for round k.
func (it *iteration) round(k int) bool {
	from, at := it.ends[k-1], -1
	if it.short {
		if it.limit == from && it.limit != it.end && (k >= it.least || it.least-k < it.end-it.limit) {
			it.limit++
		}
		if k >= it.most {
			it.limit = it.end
		}
		at = it.re.first(it.t.left, from, it.limit, it.end)
	} else {
		at = it.re.last(it.t.left, from, it.limit)
	}
	it.ends = append(it.ends[:k], at)
	return at >= 0
}

// verify dissects the rounds up to k that are not yet.
func (it *iteration) verify(k int) bool {
	for i := it.verified + 1; i <= k; i++ {
		it.t.left.forget(it.re.match)
		if !it.re.dissect(it.t.left, it.ends[i-1], it.ends[i]) {
			return false
		}
		it.verified = i
	}
	return true
}

// back finds the last round from k down that can end elsewhere, and sets its limit; 0 when there is none.
func (it *iteration) back(k int) int {
	for ; k > 0; k-- {
		at, from := it.ends[k], it.ends[k-1]
		if it.short {
			if at < it.end {
				it.limit = at + 1
				return k
			}
		} else if at > from {
			it.limit = at - 1
			if it.limit > from || k < it.least && it.least-k >= it.end-from {
				return k
			}
		}
	}
	return 0
}

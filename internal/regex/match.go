package regex

import (
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// stepsMax bounds the work of one Find: visits of NFA states. It is some seconds.
const stepsMax = 200_000_000

// Regexp is a compiled pattern. One goroutine at a time.
type Regexp struct {
	tree   *tree
	groups int
	flags  Flags
	comp   compiler
	fast   *fastPath

	text   []rune
	loaded bool  // text is that of the call that runs
	offs   []int // of the characters of text, and of its end
	ascii  bool
	steps  int
	cur    threads
	next   threads
	stack  []int32
	match  []int // by character
}

// threads is a set of states of a program.
type threads struct {
	list   []int32
	sparse []int32
}

func (t *threads) reset(n int) {
	if len(t.sparse) < n {
		t.sparse = make([]int32, n)
	}
	t.list = t.list[:0]
}

func (t *threads) add(pc int32) bool {
	if i := t.sparse[pc]; int(i) < len(t.list) && t.list[i] == pc {
		return false
	}
	t.sparse[pc] = int32(len(t.list))
	t.list = append(t.list, pc)
	return true
}

// Compile reads a pattern. Error: 2201B.
func Compile(pattern string, flags Flags) (*Regexp, error) {
	root, p, err := parse(pattern, flags)
	if err != nil {
		return nil, err
	}
	re := &Regexp{groups: len(p.groups) - 1, flags: p.flags, comp: compiler{left: instructionsMax}}
	re.tree = treeOf(root)
	if re.program(re.tree); re.comp.left < 0 {
		return nil, fail(errTooBig)
	}
	re.fast = fastOf(root, re.tree)
	return re, nil
}

// Groups is the number of groups.
func (re *Regexp) Groups() int { return re.groups }

func (re *Regexp) program(t *tree) *program {
	if t.prog == nil {
		t.prog = re.comp.program(t.node)
	}
	return t.prog
}

// Match reports whether text has a match.
func (re *Regexp) Match(text []byte) (bool, error) {
	if re.fast != nil {
		return re.fast.re.Match(text), nil
	}
	re.loaded = false
	m, err := re.find(text, 0, false)
	return m != nil, err
}

// Predicate is Match as a function that cannot fail, or nil where it might.
func (re *Regexp) Predicate() func(text []byte) bool {
	if re.fast == nil {
		return nil
	}
	return re.fast.re.Match
}

// MatchString is Match for a string.
func (re *Regexp) MatchString(text string) (bool, error) { return re.Match([]byte(text)) }

// Each calls fn for every match from byte from on, as Find gives them, until it returns false. The next match is looked for
// behind the last one, a character further where that was empty.
func (re *Regexp) Each(text []byte, from int, fn func(m []int) bool) error {
	re.loaded = false
	for from <= len(text) {
		m, err := re.find(text, from, true)
		if err != nil || m == nil {
			return err
		}
		from = m[1]
		if m[0] == m[1] {
			_, n := utf8.DecodeRune(text[from:])
			from += max(n, 1)
		}
		if !fn(m) {
			return nil
		}
	}
	return nil
}

// Find returns the first match that begins at byte from or later: pairs of offsets, of the whole and of every group (-1
// where it had no part), or nil. What stands before from counts for assertions. The result is valid until the next call.
func (re *Regexp) Find(text []byte, from int) ([]int, error) {
	re.loaded = false
	return re.find(text, from, true)
}

func (re *Regexp) find(text []byte, from int, groups bool) ([]int, error) {
	begin, end := -1, -1
	if re.fast != nil && (from == 0 || re.fast.anywhere) {
		loc := re.fast.longest.FindIndex(text[from:])
		if loc == nil {
			return nil, nil
		}
		begin, end = from+loc[0], from+loc[1]
		if !re.tree.shortest() && (re.groups == 0 || !groups) {
			re.match = append(re.match[:0], begin, end)
			return re.match, nil
		}
	}
	if !re.loaded {
		re.load(text)
		re.loaded = true
	}
	re.steps = stepsMax
	first, last := re.index(from), len(re.text)
	if begin >= 0 {
		first, last = re.index(begin), re.index(begin)
	}
	for at := first; at <= last; at++ {
		known := -1
		if end >= 0 && !re.tree.shortest() {
			known = re.index(end)
		}
		if re.matchAt(at, known) {
			for i, r := range re.match {
				if r >= 0 {
					re.match[i] = re.offset(r)
				}
			}
			return re.match, nil
		}
		if re.steps < 0 {
			return nil, pgerr.New(pgerr.InvalidRegularExpression, "regular expression failed: "+errTooBig)
		}
	}
	return nil, nil
}

// load takes the text's characters apart.
func (re *Regexp) load(text []byte) {
	re.text, re.offs = re.text[:0], re.offs[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		re.text, re.offs = append(re.text, r), append(re.offs, i)
		i += n
	}
	re.offs = append(re.offs, len(text))
	re.ascii = len(re.text) == len(text)
	for _, l := range re.comp.looks {
		l.known = l.known[:0]
	}
}

func (re *Regexp) offset(i int) int { return re.offs[i] }

// index is the character at byte offset at.
func (re *Regexp) index(at int) int {
	if re.ascii {
		return at
	}
	lo, hi := 0, len(re.offs)-1
	for lo < hi {
		if mid := (lo + hi) / 2; re.offs[mid] < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// matchAt looks for a match that begins at character at: ends in the order of the pattern's preference until one can be
// dissected. end is the first end to try, if it is known already.
func (re *Regexp) matchAt(at, end int) bool {
	p := re.program(re.tree)
	if end < 0 {
		end = re.extent(p, at, at, len(re.text), re.tree.shortest())
	}
	for end >= 0 {
		re.match = re.match[:0]
		for range 2 * (re.groups + 1) {
			re.match = append(re.match, -1)
		}
		if re.dissect(re.tree, at, end) {
			re.match[0], re.match[1] = at, end
			return true
		}
		switch {
		case re.tree.shortest() && end < len(re.text):
			end = re.extent(p, at, end+1, len(re.text), true)
		case !re.tree.shortest() && end > at:
			end = re.extent(p, at, at, end-1, false)
		default:
			return false
		}
	}
	return false
}

// extent runs p from begin and returns the first (short) or the last end between least and most, or -1.
func (re *Regexp) extent(p *program, begin, least, most int, short bool) int {
	end := -1
	re.cur.reset(len(p.code))
	matched := re.follow(p, &re.cur, p.start, begin)
	for at := begin; ; at++ {
		if matched && at >= least {
			if end = at; short {
				return end
			}
		}
		if at >= most || len(re.cur.list) == 0 {
			return end
		}
		re.next.reset(len(p.code))
		matched = false
		r := re.text[at]
		if re.steps -= len(re.cur.list); re.steps < 0 {
			return -1
		}
		for _, pc := range re.cur.list {
			if i := &p.code[pc]; i.op == iSet && i.set.has(r) {
				matched = re.follow(p, &re.next, i.x, at+1) || matched
			}
		}
		re.cur, re.next = re.next, re.cur
	}
}

// follow adds what is reached from pc without a character at position at, and reports a match.
func (re *Regexp) follow(p *program, to *threads, pc int32, at int) (matched bool) {
	base := len(re.stack)
	re.stack = append(re.stack, pc)
	for len(re.stack) > base {
		pc = re.stack[len(re.stack)-1]
		re.stack = re.stack[:len(re.stack)-1]
		if !to.add(pc) {
			continue
		}
		re.steps--
		switch i := &p.code[pc]; i.op {
		case iMatch:
			matched = true
		case iSplit:
			re.stack = append(re.stack, i.y, i.x)
		case iAssert:
			if re.holds(i.at, at) {
				re.stack = append(re.stack, i.x)
			}
		case iLook:
			if re.looks(i.look, at) {
				re.stack = append(re.stack, i.x)
			}
		}
	}
	return matched
}

func (re *Regexp) word(i int) bool { return i >= 0 && i < len(re.text) && isWord(re.text[i]) }

func (re *Regexp) holds(a assertion, at int) bool {
	switch a {
	case atStart:
		return at == 0
	case atEnd:
		return at == len(re.text)
	case atLineStart:
		return at == 0 || re.text[at-1] == '\n'
	case atLineEnd:
		return at == len(re.text) || re.text[at] == '\n'
	case atWordStart:
		return !re.word(at-1) && re.word(at)
	case atWordEnd:
		return re.word(at-1) && !re.word(at)
	case atWordEdge:
		return re.word(at-1) != re.word(at)
	}
	return re.word(at-1) == re.word(at)
}

// looks evaluates look-around at a position, once.
func (re *Regexp) looks(l *look, at int) bool {
	if len(l.known) == 0 {
		l.known = append(l.known, make([]int8, len(re.text)+1)...)
	}
	if l.known[at] == 0 {
		if l.behind {
			re.lookBehind(l)
		} else {
			cur, next := re.cur, re.next
			re.cur, re.next = threads{}, threads{}
			found := re.extent(l.prog, at, at, len(re.text), true) >= 0
			re.cur, re.next = cur, next
			l.known[at] = 1
			if found {
				l.known[at] = 2
			}
		}
	}
	return (l.known[at] == 2) != l.not
}

// lookBehind finds every position where a match ends, in one run over the text.
func (re *Regexp) lookBehind(l *look) {
	var cur, next threads
	cur.reset(len(l.prog.code))
	for at := 0; ; at++ {
		l.known[at] = 1
		// What began earlier is in cur already; a match may begin here, too.
		matched := re.follow(l.prog, &cur, l.prog.start, at)
		for _, pc := range cur.list {
			matched = matched || l.prog.code[pc].op == iMatch
		}
		if matched {
			l.known[at] = 2
		}
		if at == len(re.text) {
			return
		}
		next.reset(len(l.prog.code))
		re.steps -= len(cur.list)
		for _, pc := range cur.list {
			if i := &l.prog.code[pc]; i.op == iSet && i.set.has(re.text[at]) {
				re.follow(l.prog, &next, i.x, at+1)
			}
		}
		cur, next = next, cur
	}
}

// sameText compares n characters of the text at two places.
func (re *Regexp) sameText(a, b, n int) bool {
	for i := range n {
		x, y := re.text[a+i], re.text[b+i]
		if x == y || re.flags&IgnoreCase != 0 && (unicode.ToLower(x) == unicode.ToLower(y) || unicode.ToUpper(x) == unicode.ToUpper(y)) {
			continue
		}
		return false
	}
	return true
}

package state

import "math/bits"

// Sizes of an arena. Chunks start small, because most tables are, and double up to arenaChunkMax.
const (
	arenaChunkMin = 1 << 10
	arenaChunkMax = 1 << 20
	arenaOwnChunk = arenaChunkMax / 8 // larger pieces get a chunk of their own, which removing gives back at once
	arenaGrain    = 16                // sizes up to arenaFine are rounded up to this
	arenaFine     = 512
	arenaClasses  = arenaFine/arenaGrain + 4*8 // above: four classes per doubling, up to arenaOwnChunk
)

// arena hands out pieces of bytes named by a word instead of a pointer: chunk number<<32 | offset. The garbage
// collector sees a few chunks, however many pieces there are. Released pieces are reused by pieces of the same size
// class; pieces never move.
type arena struct {
	chunks [][]byte
	cur    int // number of the chunk that is being filled
	size   int // its size; 0: there is none yet
	fill   int // bytes used of it
	free   [arenaClasses][]uint64
	spare  []int // numbers of chunks given back
}

// sizeClass returns the class of a size up to arenaOwnChunk and the size that pieces of the class have.
func sizeClass(n int) (class, size int) {
	if n <= arenaFine {
		class = max(n-1, 0) / arenaGrain
		return class, (class + 1) * arenaGrain
	}
	doubling := bits.Len(uint(n-1)) - 1 // n is in (2^doubling, 2^(doubling+1)]
	step := 1 << (doubling - 2)
	quarter := (n - 1 - 1<<doubling) / step
	return arenaFine/arenaGrain + (doubling-9)*4 + quarter, 1<<doubling + (quarter+1)*step
}

// at returns the bytes from a piece's start to the end of its chunk: a piece knows its own length.
func (a *arena) at(ref uint64) []byte { return a.chunks[ref>>32][uint32(ref):] }

// alloc returns a new piece of n bytes, contents undefined, and its name.
func (a *arena) alloc(n int) (uint64, []byte) {
	if n > arenaOwnChunk {
		i := a.newChunk(n)
		return uint64(i) << 32, a.chunks[i]
	}
	class, size := sizeClass(n)
	if f := a.free[class]; len(f) > 0 {
		ref := f[len(f)-1]
		a.free[class] = f[:len(f)-1]
		return ref, a.at(ref)[:n]
	}
	if a.fill+size > a.size {
		a.size = min(max(2*a.size, arenaChunkMin), arenaChunkMax)
		for a.size < size {
			a.size *= 2
		}
		a.cur, a.fill = a.newChunk(a.size), 0
	}
	ref := uint64(a.cur)<<32 | uint64(a.fill)
	a.fill += size
	return ref, a.at(ref)[:n]
}

// newChunk makes a chunk of n bytes and returns its number.
func (a *arena) newChunk(n int) int {
	if k := len(a.spare); k > 0 {
		i := a.spare[k-1]
		a.spare = a.spare[:k-1]
		a.chunks[i] = make([]byte, n)
		return i
	}
	a.chunks = append(a.chunks, make([]byte, n))
	return len(a.chunks) - 1
}

// release gives back a piece of n bytes.
func (a *arena) release(ref uint64, n int) {
	if n > arenaOwnChunk {
		a.chunks[ref>>32] = nil
		a.spare = append(a.spare, int(ref>>32))
		return
	}
	class, _ := sizeClass(n)
	a.free[class] = append(a.free[class], ref)
}

// fits reports whether a piece of n bytes can hold m bytes and is then still of its own size class.
func fits(n, m int) bool {
	if n > arenaOwnChunk || m > arenaOwnChunk {
		return n == m
	}
	a, _ := sizeClass(n)
	b, _ := sizeClass(m)
	return a == b
}

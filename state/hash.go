package state

import (
	"encoding/binary"
	"math/bits"
)

// The constants of the mixing step: odd, dense in ones and zeros (the same as in the measured study).
const (
	hashSeed = 0x9E3779B97F4A7C15
	hashMul  = 0xD6E8FEB86659FD93
)

// mix folds the 128-bit product of two words: every bit of the result depends on every bit of x.
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^hashSeed, hashMul)
	return hi ^ lo
}

// Hash is the hash of a key of words that Slots expects. It is never stored: it may change from version to version.
func Hash(words []uint64) uint64 {
	if len(words) == 1 {
		return mix(words[0])
	}
	h := uint64(len(words))
	for _, w := range words {
		h = mix(h ^ w)
	}
	return h
}

// HashRows writes the Hash of each key of a batch (row-major, keyWords words a key) to out; len(out) is the number of keys.
func HashRows(keys []uint64, keyWords int, out []uint64) {
	switch keyWords {
	case 1:
		for i, w := range keys[:len(out)] {
			out[i] = mix(w)
		}
	case 2:
		for i := range out {
			out[i] = mix(mix(2^keys[2*i]) ^ keys[2*i+1])
		}
	default:
		for i := range out {
			out[i] = Hash(keys[i*keyWords : (i+1)*keyWords])
		}
	}
}

// HashBytes is the hash of a byte key that Slots expects. It is never stored.
func HashBytes(b []byte) uint64 {
	h := uint64(len(b)) * hashMul
	for len(b) > 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	return mix(h ^ tail(b))
}

// tail returns up to eight bytes as a word: different ones of the same length give different words.
func tail(b []byte) uint64 {
	n := len(b)
	switch {
	case n >= 8:
		return binary.LittleEndian.Uint64(b)
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	return 0
}

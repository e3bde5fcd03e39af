// Package regex has PostgreSQL's regular expressions (Henry Spencer's: ARE, ERE and BRE), with their own rules of what
// matches: of all matches the one that begins first; of those the longest, or the shortest where the first quantifier is
// non-greedy; and within it every part takes the most or the least in its turn, from the left.
//
// Compile reads a pattern into nodes (parse.go), and those into a tree of what must be told apart (tree.go): parts without
// groups and back references are leaves. Every part of the tree has an NFA (prog.go), simulated a character at a time, so
// that no pattern takes exponential time. Find looks for the range of a match and then dissects it along the tree
// (match.go). Where Go's regexp gives the same answer it is asked first (fast.go).
//
// A journey: (a+?)(b*) on "aabb" prefers the shortest match, "aa" is not a match of all of it, so the range is "a"; the
// tree is a concatenation whose left part takes the least that lets the right part have the rest.
//
// What must hold: a Regexp is used by one goroutine at a time (it keeps scratch); work is bounded by stepsMax, beyond it
// Find fails with 2201B; so is the size of what is compiled, by instructionsMax.
package regex

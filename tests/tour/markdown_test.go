package tour

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the outputs that were printed into the documents")

// root is the top of the tree.
const root = "../../"

// fence is one fenced block of a document.
type fence struct {
	info  string // what follows the three backticks
	lines []string
	first int // index of the line after the opening fence
}

// document is a Markdown file as lines, and its fenced blocks.
type document struct {
	path   string
	lines  []string
	fences []fence
}

func readDocument(t *testing.T, path string) *document {
	t.Helper()
	text, err := os.ReadFile(root + path)
	if err != nil {
		t.Fatal(err)
	}
	d := &document{path: path, lines: strings.Split(string(text), "\n")}
	open := -1
	for i, l := range d.lines {
		info, is := strings.CutPrefix(l, "```")
		switch {
		case is && open < 0:
			open = i + 1
			d.fences = append(d.fences, fence{info: info, first: open})
		case is:
			d.fences[len(d.fences)-1].lines = d.lines[open:i]
			open = -1
		}
	}
	if open >= 0 {
		t.Fatalf("%s:%d: the block has no end", path, open)
	}
	return d
}

// between returns the numbers of the fences that lie between two marks, each a line of its own.
func (d *document) between(t *testing.T, from, to string) []int {
	t.Helper()
	lo, hi := -1, -1
	for i, l := range d.lines {
		switch l {
		case from:
			lo = i
		case to:
			hi = i
		}
	}
	if lo < 0 || hi < lo {
		t.Fatalf("%s: no %s … %s", d.path, from, to)
	}
	var out []int
	for i, f := range d.fences {
		if f.first > lo && f.first < hi {
			out = append(out, i)
		}
	}
	return out
}

// output returns the number of the block that shows what block i prints: a text block with only blank lines between.
func (d *document) output(i int) int {
	if i+1 >= len(d.fences) || d.fences[i+1].info != "text" {
		return -1
	}
	end := d.fences[i].first + len(d.fences[i].lines) + 1
	for _, l := range d.lines[end : d.fences[i+1].first-1] {
		if l != "" {
			return -1
		}
	}
	return i + 1
}

// expected is what block i is to print.
func (d *document) expected(i int) string {
	if out := d.output(i); out >= 0 {
		return strings.Join(d.fences[out].lines, "\n")
	}
	return ""
}

// rewriteWith puts printed outputs, by the number of the block that printed them, into the file.
func (d *document) rewriteWith(t *testing.T, printed map[int]string) {
	t.Helper()
	var out []string
	at := 0
	for i := range d.fences {
		text, ok := printed[i]
		o := d.output(i)
		if !ok || o < 0 {
			continue
		}
		f := d.fences[o]
		out = append(out, d.lines[at:f.first]...)
		if text != "" {
			out = append(out, strings.Split(text, "\n")...)
		}
		at = f.first + len(f.lines)
	}
	out = append(out, d.lines[at:]...)
	if err := os.WriteFile(root+d.path, []byte(strings.Join(out, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	trailing = regexp.MustCompile(`(?m)[ \t]+$`)
	version  = regexp.MustCompile(`streamsql devel\S*:`)
	tick     = regexp.MustCompile(`(?m)^ +\d+ \|( +-?\d+ \|)`)
	shellSay = regexp.MustCompile(`(?m)^(bash|/\S*bash): line .*\n?`)
)

// clean removes from what was printed what no document should show: the build's revision, the shell's word that we
// killed a job, and blanks at the ends of lines.
func clean(s string) string {
	s = shellSay.ReplaceAllString(s, "")
	s = version.ReplaceAllString(s, "streamsql devel:")
	return strings.Trim(trailing.ReplaceAllString(s, ""), "\n")
}

// same compares what was printed with what a document shows. The numbers of ticks differ from run to run.
func same(printed, shown string) bool {
	if strings.Contains(shown, " tick |") {
		printed, shown = tick.ReplaceAllString(printed, "# |$1"), tick.ReplaceAllString(shown, "# |$1")
	}
	return printed == clean(shown)
}

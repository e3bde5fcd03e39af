package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// typeName reads a type: a name of one or more words, modifiers, ARRAY<…>, MAP<…>, STRUCT<…>, and array bounds.
func (p *parser) typeName() *ast.TypeName {
	p.enter()
	defer p.leave()
	t := &ast.TypeName{Pos: p.here()}
	if p.is("setof") {
		p.unsupported(p.pos(), "SETOF")
	}
	if !p.cur().IsLabel() || p.cur().Class == token.Reserved && !p.is("array") {
		p.near()
		return t
	}
	if (p.is("array") || p.is("map") || p.is("struct")) && p.angle() || p.is("map") && p.punct(1, "(") {
		p.nestedType(t)
	} else {
		p.plainType(t)
	}
	p.arrayBounds(t)
	return t
}

// angle reports whether < follows the word here; the lexer may have joined it with what follows.
func (p *parser) angle() bool {
	n := p.at(1)
	return n.Kind == token.Op && n.Text[0] == '<'
}

// acceptAngle passes one < or > that may be part of a longer operator token.
func (p *parser) acceptAngle(c byte) bool {
	t := p.cur()
	if t.Kind != token.Op || p.text[t.Pos] != c {
		return false
	}
	if t.End == t.Pos+1 {
		p.skip(1)
		return true
	}
	t.Pos++
	t.Text = p.text[t.Pos:t.End]
	return true
}

// nestedType reads ARRAY<t>, MAP<k, v> or STRUCT<name t, …>.
func (p *parser) nestedType(t *ast.TypeName) {
	kind := p.cur().Text
	t.Name = []string{kind}
	p.skip(1)
	if p.acceptPunct("(") { // RisingWave's map(k, v)
		t.Args = append(t.Args, p.typeName())
		p.expectPunct(",")
		t.Args = append(t.Args, p.typeName())
		p.expectPunct(")")
		return
	}
	p.acceptAngle('<')
	if kind == "struct" && p.acceptAngle('>') {
		return
	}
	for {
		if kind == "struct" {
			name := p.label()
			p.acceptPunct(":")
			t.Fields = append(t.Fields, ast.TypeField{Name: name, Type: p.typeName()})
		} else {
			t.Args = append(t.Args, p.typeName())
		}
		if !p.acceptPunct(",") {
			break
		}
	}
	if want := map[string]int{"array": 1, "map": 2}[kind]; want != 0 && len(t.Args) != want || !p.acceptAngle('>') {
		p.near()
	}
}

// plainType reads a named type. The names of several words are one word in the tree.
func (p *parser) plainType(t *ast.TypeName) {
	first := p.cur()
	name := p.typeWord()
	p.skip(1)
	if first.Kind == token.Quoted {
		p.typeRest(t, name)
		return
	}
	switch name {
	case "double":
		if p.accept("precision") {
			name = "double precision"
		}
	case "national":
		if w := p.acceptAny("character", "char"); w != "" {
			name = "character"
		}
	case "nchar", "char": // "char" in quotes is another type
		name = "character"
	}
	if (name == "character" || name == "bit") && p.accept("varying") {
		name += " varying"
	}
	p.typeRest(t, name)
	if name == "time" || name == "timestamp" {
		if w := p.cur().Text; p.is(w, "time", "zone") && (w == "with" || w == "without") {
			t.Name[0] = name + " " + w + " time zone"
			p.skip(3)
		}
	}
	if name == "interval" {
		if fields := p.intervalFields(); fields != "" {
			t.Name[0] += " " + fields
			if strings.HasSuffix(fields, "second") && len(t.Mods) == 0 && p.acceptPunct("(") {
				t.Mods = append(t.Mods, int(p.integer()))
				p.expectPunct(")")
			}
		}
	}
}

// typeWord returns the name of a type: a keyword is in lower case under every dialect.
func (p *parser) typeWord() string {
	t := p.cur()
	if t.Kind == token.Word {
		return t.Text
	}
	return p.name(t)
}

// typeRest reads qualifiers and modifiers behind the first word.
func (p *parser) typeRest(t *ast.TypeName, name string) {
	t.Name = append(t.Name, name)
	for p.punct(0, ".") && p.err == nil {
		p.skip(1)
		if !p.cur().IsLabel() {
			p.near()
			return
		}
		t.Name = append(t.Name, p.typeWord())
		p.skip(1)
	}
	if last := &t.Name[len(t.Name)-1]; *last == "char" { // a bare char has become character
		*last = `"char"`
	}
	if !p.punct(0, "(") {
		return
	}
	if len(t.Name) == 1 && t.Name[0] == "struct" { // without fields it is STRUCT<>
		p.near()
		return
	}
	p.skip(1)
	if p.at(0).Is("string") && p.punct(1, ")") { // ksqlDB's VARCHAR(STRING)
		p.skip(2)
		return
	}
	for {
		neg := p.at(0).IsOp("-")
		if neg {
			p.skip(1)
		}
		n := int(p.integer())
		if neg {
			n = -n
		}
		t.Mods = append(t.Mods, n)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
}

// arrayBounds reads [], [3] and ARRAY behind a type.
func (p *parser) arrayBounds(t *ast.TypeName) {
	for p.punct(0, "[") && (p.punct(1, "]") || p.at(1).Kind == token.Number && p.punct(2, "]")) {
		if p.punct(1, "]") {
			p.skip(2)
		} else {
			p.skip(3)
		}
		t.Dims++
	}
	if t.Dims == 0 && p.is("array") {
		p.skip(1)
		t.Dims = 1
		if p.punct(0, "[") {
			p.skip(1)
			p.integer()
			p.expectPunct("]")
		}
	}
}

package parser

import (
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// isWindow reports whether ksqlDB's WINDOW clause begins here.
func (p *parser) isWindow() bool {
	return p.is("window") && p.windowKind() > 0
}

// windowKind returns how many places ahead of WINDOW its kind stands: ksqlDB allows a name before it, which means nothing.
func (p *parser) windowKind() int {
	switch {
	case p.isAny(1, "tumbling", "hopping", "session") && p.punct(2, "("):
		return 1
	case p.opt.Dialect == KSQL && p.at(1).IsName() && p.isAny(2, "tumbling", "hopping", "session") && p.punct(3, "("):
		return 2
	}
	return 0
}

// window reads WINDOW TUMBLING (SIZE 1 HOUR, RETENTION …, GRACE PERIOD …), HOPPING (… ADVANCE BY …) or
// SESSION (gap, …).
func (p *parser) window() *ast.Window {
	w := &ast.Window{Pos: p.here()}
	p.skip(p.windowKind())
	w.Kind = p.cur().Text
	p.skip(1)
	p.expectPunct("(")
	for {
		pos := p.p
		switch {
		case w.Kind != "session" && w.Size == nil && p.accept("size"):
			w.Size = p.duration()
		case w.Kind == "session" && w.Size == nil && p.cur().Kind == token.Number:
			w.Size = p.duration()
		case w.Kind == "hopping" && w.Advance == nil && p.accept("advance", "by"):
			w.Advance = p.duration()
		case w.Retention == nil && p.accept("retention"):
			w.Retention = p.duration()
		case w.Grace == nil && p.accept("grace", "period"):
			w.Grace = p.duration()
		default:
			p.nearToken(pos)
		}
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	if p.err == nil && (w.Size == nil || w.Kind == "hopping" && w.Advance == nil) {
		p.nearToken(p.p - 1)
	}
	return w
}

// streamWindow reads a WINDOW clause behind FROM or WHERE: it belongs to the only source, or else to the SELECT.
func (p *parser) streamWindow(sel *ast.Select) {
	if p.err != nil || !p.isWindow() {
		return
	}
	if sel.Window != nil {
		p.near()
		return
	}
	sel.Window = p.window()
}

// within reads WITHIN 1 HOUR or WITHIN (1 HOUR, 2 HOURS), and GRACE PERIOD.
func (p *parser) within() *ast.Within {
	w := &ast.Within{Pos: p.here()}
	p.skip(1)
	if p.acceptPunct("(") {
		w.Before = *p.duration()
		p.expectPunct(",")
		w.After = *p.duration()
		p.expectPunct(")")
	} else {
		w.Before = *p.duration()
		w.After = w.Before
	}
	if p.accept("grace", "period") {
		w.Grace = p.duration()
	}
	return w
}

// durationUnits maps the units of ksqlDB's durations to their singular.
var durationUnits = map[string]string{
	"millisecond": "millisecond", "milliseconds": "millisecond",
	"second": "second", "seconds": "second", "minute": "minute", "minutes": "minute",
	"hour": "hour", "hours": "hour", "day": "day", "days": "day", "week": "week", "weeks": "week",
	"month": "month", "months": "month", "year": "year", "years": "year",
}

// duration reads 10 MINUTES; it never returns nil.
func (p *parser) duration() *ast.Duration {
	d := &ast.Duration{N: p.integer()}
	unit, ok := durationUnits[p.cur().Text]
	if !ok || p.cur().Kind != token.Word {
		p.near()
		return d
	}
	d.Unit = unit
	p.skip(1)
	return d
}

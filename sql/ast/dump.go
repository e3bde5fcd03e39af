package ast

import (
	"fmt"
	"reflect"
	"strings"
)

// Dump returns the readable text form of a node, for tests and debugging: one node a line, indented, as
//
//	Binary@7 Op="+" OpPos=9
//	  L: Ref@7 Parts=[a]
//
// Fields with their zero value are left out; without positions two trees of the same meaning have the same text.
func Dump(n any, positions bool) string {
	d := dumper{positions: positions}
	d.value(reflect.ValueOf(n), "")
	return d.b.String()
}

type dumper struct {
	b         strings.Builder
	positions bool
}

var posType = reflect.TypeOf(Pos(0))

// value writes v, a node or a list of them, and ends the line.
func (d *dumper) value(v reflect.Value, indent string) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			d.b.WriteString("nil\n")
			return
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		d.node(v, indent)
	case reflect.Slice:
		d.b.WriteString("\n")
		for i := range v.Len() {
			d.b.WriteString(indent + "- ")
			d.value(v.Index(i), indent+"  ")
		}
	default:
		fmt.Fprintf(&d.b, "%v\n", v.Interface())
	}
}

func (d *dumper) node(v reflect.Value, indent string) {
	d.b.WriteString(v.Type().Name())
	var nested []int
	d.fields(v, &nested)
	d.b.WriteString("\n")
	for _, i := range nested {
		d.b.WriteString(indent + "  " + v.Type().Field(i).Name + ": ")
		d.value(v.Field(i), indent+"  ")
	}
}

// fields writes the plain fields of a node on its line and collects the others.
func (d *dumper) fields(v reflect.Value, nested *[]int) {
	for i := range v.NumField() {
		f, val := v.Type().Field(i), v.Field(i)
		switch {
		case f.Type == posType:
			switch {
			case !d.positions:
			case f.Anonymous:
				fmt.Fprintf(&d.b, "@%d", val.Int())
			default:
				fmt.Fprintf(&d.b, " %s=%d", f.Name, val.Int())
			}
		case val.IsZero() || f.Type.Kind() == reflect.Slice && val.Len() == 0:
		case f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Bool:
			fmt.Fprintf(&d.b, " %s=%v", f.Name, val.Elem().Bool())
		case f.Type.Kind() == reflect.String:
			fmt.Fprintf(&d.b, " %s=%q", f.Name, val.String())
		case isPlain(f.Type):
			fmt.Fprintf(&d.b, " %s=%v", f.Name, val.Interface())
		default:
			*nested = append(*nested, i)
		}
	}
}

// isPlain reports types that fit on their node's line.
func isPlain(t reflect.Type) bool {
	if t.Kind() == reflect.Slice {
		return isPlain(t.Elem())
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint8, reflect.String:
		return true
	}
	return false
}

package jsonpath

import (
	"streamsql/internal/types"
)

// Item is one result: a JSON value, or a date or time that .datetime() made of a string.
type Item struct {
	JSON *types.JSONValue // nil for a date or time
	Moment
}

func number(d types.Dec) Item {
	return Item{JSON: &types.JSONValue{Kind: types.JSONNumber, Num: d}}
}

func text(s string) Item { return Item{JSON: &types.JSONValue{Kind: types.JSONString, Str: s}} }

func boolean(b bool) Item { return Item{JSON: &types.JSONValue{Kind: types.JSONBool, Bool: b}} }

func (it Item) is(k types.JSONKind) bool { return it.JSON != nil && it.JSON.Kind == k }

// array reports an array and its length; anything else has none.
func (it Item) array() (n int, ok bool) {
	if it.is(types.JSONArray) {
		return len(it.JSON.Elems), true
	}
	return 0, false
}

// Value returns the item as JSON: a date or time as a string in ISO 8601.
func (it Item) Value() types.JSONValue {
	if it.JSON != nil {
		return *it.JSON
	}
	return types.JSONValue{Kind: types.JSONString, Str: it.iso()}
}

var jsonTypeNames = [...]string{"null", "string", "number", "boolean", "array", "object"}

func (it Item) typeName() string {
	if it.JSON != nil {
		return jsonTypeNames[it.JSON.Kind]
	}
	return types.T(it.Type.Kind).String()
}

package jsonpath

import (
	"math"

	"streamsql/internal/types"
)

func (x *run) method(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	switch n.Str {
	case "type":
		return x.next(n, text(it.typeName()), found)
	case "size":
		size, array := it.array()
		if !array {
			if !x.lax {
				if x.lenient {
					return false, nil
				}
				return false, soft(arrayNotFound, "jsonpath item method .size() can only be applied to an array")
			}
			size = 1
		}
		return x.next(n, number(types.DecFromInt(int64(size))), found)
	case "double":
		return x.double(n, it, found)
	case "keyvalue":
		return x.keyValue(n, it, found)
	}
	if !it.is(types.JSONNumber) {
		return false, soft(nonNumericItem, "jsonpath item method .%s() can only be applied to a numeric value", n.Str)
	}
	d := it.JSON.Num
	switch n.Str {
	case "abs":
		d = d.Abs()
	case "floor":
		d = d.Floor()
	case "ceiling":
		d = d.Ceil()
	}
	return x.next(n, number(d), found)
}

func (x *run) double(n *types.PathNode, it Item, found *[]Item) (bool, error) {
	float := types.T(types.Float8)
	switch {
	case it.is(types.JSONNumber):
		v, err := types.ParseText(float, it.JSON.Num.String(), nil)
		if err != nil || math.IsInf(v.F, 0) || math.IsNaN(v.F) {
			return false, soft(nonNumericItem, "numeric argument of jsonpath item method .double() is out of range for type double precision")
		}
		return x.next(n, it, found)
	case it.is(types.JSONString):
		v, err := types.ParseText(float, it.JSON.Str, nil)
		if err == nil && !math.IsInf(v.F, 0) && !math.IsNaN(v.F) {
			if d, err := types.DecFromFloat(v.F); err == nil {
				return x.next(n, number(d), found)
			}
		}
		return false, soft(nonNumericItem, "string argument of jsonpath item method .double() is not a valid representation of a double precision number")
	}
	return false, soft(nonNumericItem, "jsonpath item method .double() can only be applied to a string or numeric value")
}

// keyValue gives an object {"id", "key", "value"} for every field. The id is PostgreSQL's: where the object lies in the
// binary form of the document it belongs to.
func (x *run) keyValue(n *types.PathNode, it Item, found *[]Item) (ok bool, err error) {
	if !it.is(types.JSONObject) {
		return false, soft(objectNotFound, "jsonpath item method .keyvalue() can only be applied to an object")
	}
	if len(it.JSON.Keys) == 0 {
		return false, nil
	}
	if n.Next == nil && found == nil {
		return true, nil
	}
	id := int64(x.base.doc.ContainerOffset(it.JSON)) + int64(x.base.id)*generatedBaseGap
	for i, key := range it.JSON.Keys {
		pair := &types.JSONValue{Kind: types.JSONObject, Keys: []string{"id", "key", "value"}, Elems: []types.JSONValue{
			{Kind: types.JSONNumber, Num: types.DecFromInt(id)}, {Kind: types.JSONString, Str: key}, it.JSON.Elems[i]}}
		saved := x.base
		x.base = base{doc: pair, id: x.nextID}
		x.nextID++
		ok, err = x.next(n, Item{JSON: pair}, found)
		x.base = saved
		if err != nil || ok && found == nil {
			return ok, err
		}
	}
	return ok, nil
}

package jsonpath

import "streamsql/internal/types"

// likeRegex tests the strings on the left against the pattern.
func (x *run) likeRegex(n *types.PathNode, it Item) (truth, error) {
	re := n.Pattern()
	return x.compare(n, nil, it, false, func(a, _ Item) (truth, error) {
		if !a.is(types.JSONString) {
			return unknown, nil
		}
		ok, err := re.MatchString(a.JSON.Str)
		return truthOf(ok), err
	})
}

package expr

import "streamsql/internal/types"

func isNowWord(string) bool { return false }

func nowWord(x *exec, t types.Type, s string) (types.Value, bool) { return types.Null, false }

var schemaOIDs = map[string]int64{"pg_catalog": 11, "public": 2200}

func unqualified(s string) string { return s }

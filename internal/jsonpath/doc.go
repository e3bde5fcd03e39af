// Package jsonpath runs a jsonpath (types.ParsePath) over a JSON document, as PostgreSQL's jsonb_path_* functions do.
//
// Run gives the items that a path finds; Exists and Match answer the questions of @? and @@. Options has the variables and
// says whether errors are thrown or give "nothing". In lax mode (the default) structural errors are passed over, arrays
// are unwrapped and single values wrapped where an array is wanted; in strict mode they are errors.
//
// A journey: $.a[*] ? (@ > 1).size() starts at the root, follows .a, spreads the array, keeps an item where the filter's
// predicate is true (neither false nor unknown), and gives a number for what is left. A step whose result nobody wants
// (Exists) stops at the first item.
//
// What must hold: the document is not changed; items alias it. A run ends: every step goes down in the document or on in
// the path, and the depth of both is bounded where they are read.
package jsonpath

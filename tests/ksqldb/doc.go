// Command ksqldb runs ksqlDB's own tests (../shared/conformance/ksqldb: query validation tests, REST tests, SQL tests)
// against streamsql and says how many pass:
//
//	go run ./tests/ksqldb -dir ../shared/conformance/ksqldb [-only REGEXP] [-report FILE] [-j N] [-v]
//
// Each case gets an engine of its own over a cluster in memory (kafka.Memory): one partition a topic, one record a tick,
// as the rules in shared/conformance/README.md ask for. Types: testCase is a case as it stands in the files; world is the
// engine that runs it; outcome is what became of it. feed.go turns a case's inputs into records, compare.go records into
// what the case expects, post.go checks schemas, rest.go and sql.go run the two other kinds. deviations.txt lists cases
// where streamsql rightly does something else, with reasons; they are counted apart.
package main

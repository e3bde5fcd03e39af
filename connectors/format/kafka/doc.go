// Package kafka is the KAFKA format: the whole key or value is one column in the form of Kafka's own serializers.
//
//	smallint, integer, bigint   2, 4, 8 bytes, big endian
//	real, double precision      4, 8 bytes, big endian IEEE 754
//	boolean                     one byte, 0 or 1
//	text, varchar, char         UTF-8
//	bytea                       the bytes
//	uuid                        its text form
//
// An empty text or bytea is a value; a record without the part (null) is NULL and never comes here.
package kafka

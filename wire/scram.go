package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	scramMechanism  = "SCRAM-SHA-256"
	scramIterations = 4096 // PostgreSQL's default
	scramSaltSize   = 16   // bytes
	scramNonceSize  = 18   // bytes
)

// verifier is what SCRAM-SHA-256 (RFC 5802, 7677) keeps of a password: it can check a proof but not make one.
type verifier struct {
	iterations           int
	salt                 []byte
	storedKey, serverKey []byte
}

// newVerifier derives a verifier with a new salt, or reads one in pg_authid's form. A password is taken byte by byte:
// SASLprep, which changes nothing in ASCII, is not applied.
func newVerifier(password string) (*verifier, error) {
	if strings.HasPrefix(password, scramMechanism+"$") {
		return parseVerifier(password)
	}
	salt := make([]byte, scramSaltSize)
	rand.Read(salt)
	return deriveVerifier(password, salt, scramIterations)
}

func deriveVerifier(password string, salt []byte, iterations int) (*verifier, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive password verifier: %w", err)
	}
	stored := sha256.Sum256(sign(salted, "Client Key"))
	return &verifier{iterations: iterations, salt: salt, storedKey: stored[:], serverKey: sign(salted, "Server Key")}, nil
}

// parseVerifier reads "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>".
func parseVerifier(s string) (*verifier, error) {
	bad := errors.New("password looks like a SCRAM-SHA-256 verifier but cannot be read as one")
	head, keys, ok := strings.Cut(strings.TrimPrefix(s, scramMechanism+"$"), "$")
	iter, salt, ok2 := strings.Cut(head, ":")
	stored, server, ok3 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 {
		return nil, bad
	}
	v := &verifier{}
	var errs [4]error
	v.iterations, errs[0] = strconv.Atoi(iter)
	v.salt, errs[1] = base64.StdEncoding.DecodeString(salt)
	v.storedKey, errs[2] = base64.StdEncoding.DecodeString(stored)
	v.serverKey, errs[3] = base64.StdEncoding.DecodeString(server)
	if errors.Join(errs[:]...) != nil || v.iterations < 1 || len(v.storedKey) != sha256.Size || len(v.serverKey) != sha256.Size {
		return nil, bad
	}
	return v, nil
}

func sign(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// scram is one exchange. first and final each take a client message and return the server's answer.
type scram struct {
	v         *verifier
	gs2Header string // what the client's channel-binding field must repeat
	transcript,
	nonce string
}

var (
	errScramMalformed = errors.New("malformed SCRAM message")
	errScramProof     = errors.New("wrong password")
)

// first answers client-first-message. nonceTail is the server's part of the nonce.
func (x *scram) first(clientFirst, nonceTail string) (string, error) {
	// "n,," or "y,,": no channel binding; "p=…": only with -PLUS, which is not offered. An authzid is not supported.
	if !strings.HasPrefix(clientFirst, "n,,") && !strings.HasPrefix(clientFirst, "y,,") {
		return "", errScramMalformed
	}
	x.gs2Header = clientFirst[:3]
	bare := clientFirst[3:]
	fields := strings.Split(bare, ",")
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "n=") || !strings.HasPrefix(fields[1], "r=") || len(fields[1]) == 2 {
		return "", errScramMalformed
	}
	x.nonce = fields[1][2:] + nonceTail
	answer := fmt.Sprintf("r=%s,s=%s,i=%d", x.nonce, base64.StdEncoding.EncodeToString(x.v.salt), x.v.iterations)
	x.transcript = bare + "," + answer
	return answer, nil
}

// final checks client-final-message. Every comparison with a secret takes constant time.
func (x *scram) final(clientFinal string) (string, error) {
	head, proof64, ok := cutLast(clientFinal, ",p=")
	if !ok {
		return "", errScramMalformed
	}
	want := "c=" + base64.StdEncoding.EncodeToString([]byte(x.gs2Header)) + ",r=" + x.nonce
	if head != want && !strings.HasPrefix(head, want+",") {
		return "", errScramMalformed
	}
	proof, err := base64.StdEncoding.DecodeString(proof64)
	if err != nil || len(proof) != sha256.Size {
		return "", errScramMalformed
	}
	transcript := x.transcript + "," + head
	key := sign(x.v.storedKey, transcript)
	for i := range key {
		key[i] ^= proof[i]
	}
	if sum := sha256.Sum256(key); !hmac.Equal(sum[:], x.v.storedKey) {
		return "", errScramProof
	}
	return "v=" + base64.StdEncoding.EncodeToString(sign(x.v.serverKey, transcript)), nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func newNonce() string {
	b := make([]byte, scramNonceSize)
	rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// firstLine returns a password file's first line.
func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r")))
}

// String returns v in pg_authid's form.
func (v *verifier) String() string {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("%s$%d:%s$%s:%s", scramMechanism, v.iterations, b64(v.salt), b64(v.storedKey), b64(v.serverKey))
}

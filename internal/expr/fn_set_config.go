package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// SettingChanger is a Lookup that can also change the session's settings: set_config() needs one.
type SettingChanger interface {
	// SetSetting changes a setting for the session, or with local for the transaction, and returns its new value.
	SetSetting(name, value string, local bool) (string, error)
}

func init() {
	sys("set_config(text, text, bool) text volatile", "changes a setting, for the transaction only if so asked, and gives its new value", setConfig)
}

func setConfig(r *row, a []types.Value) (types.Value, error) {
	s, ok := r.x.env.Lookup.(SettingChanger)
	if !ok {
		return types.Null, pgerr.Unsupported(pgerr.NoPos, "set_config() outside of a session")
	}
	v, err := s.SetSetting(strings.ToLower(string(a[0].Bytes)), string(a[1].Bytes), a[2].B)
	if err != nil {
		return types.Null, err
	}
	return r.text(v), nil
}

package codegen

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplaceKeepsTheModeOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.grad")
	for _, mode := range []os.FileMode{0o644, 0o600, 0o755} {
		require.NoError(t, Replace(path, []byte(mode.String())))
		info, err := os.Stat(path)
		require.NoError(t, err)
		if mode == 0o644 {
			require.Equal(t, mode, info.Mode().Perm(), "of a new file")
		}
		require.NoError(t, os.Chmod(path, mode))
		require.NoError(t, Replace(path, []byte("again")))
		info, err = os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm())
	}
}

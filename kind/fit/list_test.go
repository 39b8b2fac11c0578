package fit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListIsReadByTheOwner: which jobs are left alone, and why, is in the folder as long as there are some.
func TestListIsReadByTheOwner(t *testing.T) {
	l := List{Dir: t.TempDir() + "/work"}
	require.NoError(t, l.Write(nil))
	none, err := ReadList(l.Dir)
	require.NoError(t, err)
	require.Empty(t, none)

	few := []Left{{9, "train", ReasonTime, "too slow"}, {7, "check", ReasonStake, "too much"}}
	require.NoError(t, l.Write(few))
	all, err := ReadList(l.Dir)
	require.NoError(t, err)
	require.Equal(t, []Left{{7, "check", ReasonStake, "too much"}, {9, "train", ReasonTime, "too slow"}}, all)

	many := make([]Left, mostListed+5)
	for i := range many {
		many[i].Job = uint64(len(many) - i)
	}
	require.NoError(t, l.Write(many))
	all, err = ReadList(l.Dir)
	require.NoError(t, err)
	require.Len(t, all, mostListed)
	require.EqualValues(t, 6, all[0].Job, "the newest")

	require.NoError(t, l.Write(nil))
	files, err := os.ReadDir(l.Dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

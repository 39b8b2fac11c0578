package chain

import (
	"strings"
	"testing"

	"github.com/cosmos/cosmos-sdk/x/upgrade/plan"
)

// The module under stubs/getter takes the place of what x/upgrade downloads with.
func TestNoBinaryIsDownloaded(t *testing.T) {
	url := "http://127.0.0.1:1/minga.tar.gz"
	_, text := plan.DownloadURL(url)
	for _, err := range []error{text, plan.DownloadUpgrade(t.TempDir(), url, "minga")} {
		if err == nil || !strings.Contains(err.Error(), "is not downloaded") {
			t.Errorf("got %v", err)
		}
	}
}

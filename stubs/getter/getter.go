// Package getter stands in for github.com/hashicorp/go-getter, which downloads
// from many sorts of places and brings the SDKs of two clouds for it: 385
// packages, a sixth of this program. x/upgrade would use it to download the next
// binary when a plan names a URL. Nobody here wants a program that replaces
// itself, so this package has the few names that x/upgrade compiles against, and
// refuses every download. docs/decisions.md says more.
package getter

import (
	"context"
	"fmt"
)

// Getter is one way to download.
type Getter interface {
	Get(dst, src string) error
}

// Getters are the ways to download by scheme.
var Getters = map[string]Getter{}

// HttpGetter would download over HTTP.
type HttpGetter struct {
	Client                any
	XTerraformGetDisabled bool
}

// Get refuses.
func (*HttpGetter) Get(_, src string) error { return refuse(src) }

// Client is what one download would need.
type Client struct {
	Ctx             context.Context
	Src, Dst, Pwd   string
	DisableSymlinks bool
	Getters         map[string]Getter
}

// Get refuses.
func (c *Client) Get() error { return refuse(c.Src) }

// Get refuses.
func Get(_, src string) error { return refuse(src) }

// ChecksumError would say that other bytes came than were asked for.
type ChecksumError struct{ error }

func refuse(src string) error {
	return fmt.Errorf("%s is not downloaded: binaries are not fetched by this program; "+
		"build or install the new one yourself", src)
}

package transfer

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"1.1.1.1": true, "203.0.113.9": true, "172.32.0.1": true, "100.128.0.1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "127.8.8.8": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "239.1.1.1": false,
		"255.255.255.255": false, "240.0.0.1": false, "100.64.0.1": false, "198.18.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false,
		"ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:1.1.1.1": true, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "2001::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("isPublic(%s) = %v", text, got)
		}
	}
}

// A source that names this machine, by whatever name, is not asked; and one that may be is.
func TestPrivateSourcesAreRefused(t *testing.T) {
	good, name := honest(t, randomBytes(1, 1000))
	url := start(t, good)
	port := url[strings.LastIndex(url, ":"):]
	for _, source := range []string{url, "http://localhost" + port, "http://[::ffff:127.0.0.1]" + port} {
		if err := Fetch(t.Context(), nil, newStore(t), name, []string{source}, 1000); !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", source, err)
		}
	}
	if err := Fetch(t.Context(), AnyAddress(), newStore(t), name, []string{url}, 1000); err != nil {
		t.Error(err)
	}
}

package transfer

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
)

// errPrivate is why a source is not asked: a stranger could have this machine ask what only
// this machine can reach.
var errPrivate = errors.New(
	"belongs to this machine or to a private network: use a public address, or allow it by --private-sources")

// public is the network without the addresses of this machine and of private networks. They are
// refused when a connection is made, after the name was looked up: a name may lead anywhere, and
// another time elsewhere. No proxy is used: the proxy's address would be looked at instead.
func public() *http.Transport {
	t := AnyAddress()
	t.Proxy = nil
	t.DialContext = (&net.Dialer{Timeout: setupTime, Control: onlyPublic}).DialContext
	return t
}

// AnyAddress is the network with all addresses, and with the proxy of the environment. It is for
// who trusts the sources, or has the others on the same machine.
func AnyAddress() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: setupTime}).DialContext,
		TLSHandshakeTimeout:    setupTime,
		IdleConnTimeout:        setupTime,
		DisableCompression:     true, // no answer may grow when unpacked
		MaxResponseHeaderBytes: headerBytes,
		MaxIdleConnsPerHost:    lanes,
	}
}

// onlyPublic refuses a connection by the address that it would go to.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if !isPublic(to.Addr()) {
		return fmt.Errorf("%s %w", to.Addr(), errPrivate)
	}
	return nil
}

// reserved are the ranges that are private in effect, beside those that netip knows: this network,
// carriers' networks, protocols, measurements, the future; and those of IPv6 that lead to IPv4
// addresses.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"),
}

// global is all of IPv6 that is given out to the public.
var global = netip.MustParsePrefix("2000::/3")

// isPublic tells whether an address can be anybody's.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is6() && !global.Contains(a) || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}

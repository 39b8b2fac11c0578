package stage

import (
	"strings"

	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
)

// Purse is what everybody starts with, in uminga of test money.
const Purse = 1_000_000_000

// Person is somebody in a story, with a throw-away key.
type Person struct {
	Name   string
	Signer *client.Signer
}

// NewPerson makes the person of a name, whose key is always the same.
func NewPerson(name string) Person {
	return Person{name, client.NewSigner(node.LocalKey(name))}
}

// Address is the person's account.
func (p Person) Address() string { return p.Signer.String() }

// String is the name with the end of the address, as a story shows people.
func (p Person) String() string {
	a := p.Address()
	return p.Name + " (" + strings.TrimSuffix(client.Prefix, "1") + "…" + a[len(a)-6:] + ")"
}

// Named says who an address is.
func (s *Stage) Named(address string) string {
	if address == asset.CommonsAddress().String() {
		return "the commons"
	}
	for _, p := range s.People {
		if p.Address() == address {
			return p.Name
		}
	}
	return address
}

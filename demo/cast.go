package demo

import (
	"strings"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
)

// purse is what everybody starts with, in uminga of test money.
const purse = 1_000_000_000

// person is somebody in the story, with a throw-away key.
type person struct {
	name   string
	signer *client.Signer
}

func newPerson(name string) person {
	return person{name, client.NewSigner(node.LocalKey(name))}
}

func (p person) address() string { return p.signer.String() }

// String is the name with the end of the address, as the story shows people.
func (p person) String() string {
	a := p.address()
	return p.name + " (" + strings.TrimSuffix(client.Prefix, "1") + "…" + a[len(a)-6:] + ")"
}

// text is a contributor's dataset.
type text struct {
	owner   person
	file    string
	title   string
	licence string
}

// machine is a worker's owner and what the machine asks for a token, in uminga; 0: not offered.
type machine struct {
	owner        person
	train, infer int64
	lies         bool
}

// cast is everybody in the story.
type cast struct {
	texts    []text
	machines []machine // the last one serves
	creator  person
	customer person
}

func newCast(liar bool) cast {
	c := cast{
		texts: []text{
			{newPerson("Adela"), "king-james-bible.txt", "King James Bible", "CC0-1.0"},
			{newPerson("Bruno"), "moby-dick.txt", "Moby-Dick", "CC0-1.0"},
			{newPerson("Chela"), "state-of-the-union.txt", "State of the Union addresses", "CC0-1.0"},
			{newPerson("Diego"), "noise.txt", "random characters", "CC0-1.0"},
		},
		machines: []machine{
			{newPerson("Elena"), 2, 30, false},
			{newPerson("Fabio"), 3, 30, false},
			{newPerson("Gloria"), 0, 20, false},
		},
		creator:  newPerson("Hugo"),
		customer: newPerson("Irma"),
	}
	if liar { // the cheapest, so that it comes first
		c.machines = append([]machine{{newPerson("Julio"), 1, 0, true}}, c.machines...)
	}
	return c
}

func (c cast) people() []person {
	people := []person{c.creator, c.customer}
	for _, t := range c.texts {
		people = append(people, t.owner)
	}
	for _, m := range c.machines {
		people = append(people, m.owner)
	}
	return people
}

func (c cast) accounts() []chain.Account {
	var accounts []chain.Account
	for _, p := range c.people() {
		accounts = append(accounts, chain.Account{Address: p.signer.Address, Amount: math.NewInt(purse)})
	}
	return accounts
}

// named says who an address is.
func (c cast) named(address string) string {
	if address == asset.CommonsAddress().String() {
		return "the commons"
	}
	for _, p := range c.people() {
		if p.address() == address {
			return p.name
		}
	}
	return address
}

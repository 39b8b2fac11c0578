package demo

import (
	"fmt"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/demo/stage"
	"github.com/minga-network/minga/index"
)

// text is a contributor's dataset: a file of package commons.
type text struct {
	owner       stage.Person
	file, title string
}

// market is everybody in a story.
type market struct {
	texts    []text // the last one is noise
	trainers []stage.Machine
	server   *stage.Machine // serves models; nil where none is served
	creator  stage.Person
	customer stage.Person
	// unmeasured says that the data's shares go by the tokens used.
	unmeasured bool
}

// newMarket is the market that every story has: four texts, two workers, a creator
// and a customer.
func newMarket() market {
	person := stage.NewPerson
	return market{
		texts: []text{
			{person("Adela"), "king-james-bible.txt", "King James Bible"},
			{person("Bruno"), "moby-dick.txt", "Moby-Dick"},
			{person("Chela"), "state-of-the-union.txt", "State of the Union addresses"},
			{person("Diego"), "noise.txt", "random characters"},
		},
		trainers: []stage.Machine{
			{Owner: person("Elena"), Train: 2, Infer: 30},
			{Owner: person("Fabio"), Train: 3, Infer: 30},
		},
		creator:  person("Hugo"),
		customer: person("Irma"),
	}
}

func (m market) machines() []stage.Machine {
	if m.server == nil {
		return m.trainers
	}
	return append(m.trainers[:len(m.trainers):len(m.trainers)], *m.server)
}

func (m market) people() []stage.Person {
	people := []stage.Person{m.creator, m.customer}
	for _, t := range m.texts {
		people = append(people, t.owner)
	}
	for _, machine := range m.machines() {
		people = append(people, machine.Owner)
	}
	return people
}

// offersTable says what machines offer.
func offersTable(machines []stage.Machine) [][]string {
	rows := [][]string{{"worker", "offers", "price of a token", "stake"}}
	for _, m := range machines {
		for _, o := range m.Offers() {
			price := o.Price.String() + client.Denom
			rows = append(rows, []string{m.Owner.String(), fmt.Sprint(o.Kind), price, index.Coins(stage.Stake)})
		}
	}
	return rows
}

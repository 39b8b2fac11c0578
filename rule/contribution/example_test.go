package contribution_test

import (
	"fmt"
	"math/big"

	"github.com/minga-network/minga/rule/contribution"
)

// Three portions of data are measured: the second is worth twice the first, and the
// third does harm.
func Example() {
	design, err := contribution.NewDesign(contribution.Exact, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	worth := []float32{0.25, 0.5, -0.125}
	var utilities []*big.Rat
	for _, coalition := range design.Coalitions {
		last := float32(4) // the loss before training
		for portion, w := range worth {
			if coalition.Has(portion) {
				last -= w
			}
		}
		utilities = append(utilities, contribution.Utility(4, last))
	}
	values, err := design.Values(utilities)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(design.Coalitions), "runs, worth", values)
	fmt.Println("of 1000 shares:", contribution.Divide(1000, values))
	// Output:
	// 7 runs, worth [11/48 23/48 -1/12]
	// of 1000 shares: [323 676 0]
}

package beacon

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/bits"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Voter is a validator that might vote for the block before.
type Voter struct {
	Address []byte
	Power   int64
	// Signed tells whether its vote is in this block.
	Signed bool
}

// Open checks the extensions that a block at a height shows of the votes for the block before, whose signatures hold,
// and returns the seed of the block. It changes nothing. Voters are all validators of the height before; a chain's
// first block has none.
func (k Keeper) Open(ctx context.Context, height int64, voters []Voter, votes []Vote) (Seed, error) {
	before, err := k.before(ctx, height)
	if err != nil {
		return Seed{}, err
	}
	last, _, err := k.Seed(ctx, height-1)
	if err != nil {
		return Seed{}, err
	}
	s := Seed{Height: height, Lot: last.Next, Ticket: math.MaxUint64}
	if len(voters) > 0 || len(votes) > 0 {
		if err = enough(voters, votes); err != nil {
			return Seed{}, err
		}
		if s.Next, s.Ticket, err = k.shown(ctx, height-1, voters, votes); err != nil {
			return Seed{}, err
		}
		if s.Lot, err = k.completed(ctx, height-2, voters, votes, last); err != nil {
			return Seed{}, err
		}
	}
	s.Seed = mix("seed", before, s.Lot)
	return s, nil
}

// Save writes the seed of this block and forgets the oldest.
func (k Keeper) Save(ctx context.Context, s Seed) error {
	if err := k.Seeds.Remove(ctx, s.Height-Keep); err != nil {
		return err
	}
	return k.Seeds.Set(ctx, s.Height, s)
}

// shown is the best output among those of who voted for a block.
func (k Keeper) shown(ctx context.Context, height int64, voters []Voter, votes []Vote) ([]byte, uint64, error) {
	about, err := k.question(ctx, height)
	if err != nil {
		return nil, 0, err
	}
	var lot []byte
	least, all := uint64(math.MaxUint64), powers(voters)
	for _, v := range votes {
		own, _, err := parts(v.Extension)
		if err != nil {
			return nil, 0, err
		}
		address := voters[v.Validator].Address
		if !bytes.Equal(own.address(), address) {
			return nil, 0, ErrVote.Wrapf("the key is not that of the validator %X", address)
		}
		output, err := own.open(about)
		if err != nil {
			return nil, 0, err
		}
		if t := all.ticket(address, output); lot == nil || t < least {
			least, lot = t, mix("lot", output)
		}
	}
	return lot, least, nil
}

// completed is the best output of the votes for a block, with what later votes add to what the block after it showed.
// An addition by who is no validator any more adds nothing, and so does one about a block whose votes nobody saw.
func (k Keeper) completed(ctx context.Context, height int64, voters []Voter, votes []Vote, last Seed) ([]byte, error) {
	about, err := k.question(ctx, height)
	if err != nil {
		return nil, err
	}
	all, done := powers(voters), map[string]bool{}
	for _, v := range votes {
		_, added, err := parts(v.Extension)
		if err != nil || added == nil || done[string(added)] {
			continue // shown has seen the error
		}
		done[string(added)] = true
		output, err := added.open(about)
		if err != nil {
			return nil, err
		}
		if t := all.ticket(added.address(), output); t < last.Ticket && len(last.Next) > 0 {
			last.Ticket, last.Next = t, mix("lot", output)
		}
	}
	return last.Next, nil
}

// enough checks that the votes are those of validators whose signatures are in the block, by rising place, with more
// than two thirds of the power.
func enough(voters []Voter, votes []Vote) error {
	var shown uint64
	for i, v := range votes {
		switch {
		case int(v.Validator) >= len(voters):
			return ErrVote.Wrapf("validator %d of %d", v.Validator, len(voters))
		case i > 0 && v.Validator <= votes[i-1].Validator:
			return ErrVote.Wrapf("validator %d after %d: give each once, by rising place", v.Validator, votes[i-1].Validator)
		case !voters[v.Validator].Signed:
			return ErrVote.Wrapf("validator %d has no vote in the block", v.Validator)
		}
		shown += uint64(voters[v.Validator].Power)
	}
	if total := powers(voters).total; shown <= total/3*2+total%3*2/3 {
		return ErrVote.Wrapf("extensions of %d of a power of %d: more than two thirds are needed", shown, total)
	}
	return nil
}

// shares is the power of each validator by its address, and of all.
type shares struct {
	power map[string]uint64
	total uint64
}

func powers(voters []Voter) shares {
	s := shares{power: map[string]uint64{}}
	for _, v := range voters {
		power := uint64(max(v.Power, 0))
		s.power[string(v.Address)] = power
		s.total += power
	}
	return s
}

// ticket is that of a validator; who is none has the worst.
func (s shares) ticket(address, output []byte) uint64 {
	return ticket(binary.BigEndian.Uint64(output), s.power[string(address)], s.total)
}

// fraction is how many bits of a logarithm are behind the point.
const fraction = 32

// ticket turns the first bytes of an output into a number such that the least of all is a validator's with the chance
// that it has of the total power, and however the power is split: -log2(x/2^64) over its share, in whole numbers.
func ticket(x, power, total uint64) uint64 {
	over, rest := bits.Mul64(64<<fraction-log2(max(x, 1)), total)
	if over >= power {
		return math.MaxUint64 // and a power of 0 wins nothing
	}
	t, _ := bits.Div64(over, rest, power)
	return t
}

// log2 is the logarithm of x > 0 to the base 2, cut after 32 bits behind the point.
func log2(x uint64) uint64 {
	whole := uint64(63 - bits.LeadingZeros64(x))
	mantissa := x << bits.LeadingZeros64(x) // from 1 to 2, with 63 bits behind the point
	log := whole
	for range fraction {
		square, _ := bits.Mul64(mantissa, mantissa) // 62 bits behind the point
		log <<= 1
		if square >= 1<<63 {
			log |= 1
			mantissa = square
		} else {
			mantissa = square << 1
		}
	}
	return log
}

var _ MsgServer = Keeper{}

// Reveal refuses: proposers show votes, in a transaction of their own that does not come here.
func (k Keeper) Reveal(context.Context, *MsgReveal) (*MsgRevealResponse, error) {
	return nil, ErrVote.Wrap("only the proposer of a block shows votes: nobody can send them")
}

// height is the block being made.
func height(ctx context.Context) int64 { return sdk.UnwrapSDKContext(ctx).BlockHeight() }

package asset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	stderrors "errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Registering takes two transactions, so that nobody can register what another one's
// transaction shows before it is in a block. The first is a commitment: a hash that says
// nothing. The second shows what was hashed, and counts as of the first.
//
// One block between them is enough. Who first sees a root in a registration that waits for
// its block can commit to it in that block at the earliest; the registration's own
// commitment stands in an earlier one, and blocks are final. Whoever orders transactions
// can do no better. A copy of the commitment itself is useless, as the creator is hashed too.
//
// A reveal may be kept out of blocks for a while. Then the copier registers first, and the
// earlier commitment takes the root from it when it arrives (register.go). So that nobody
// can sit on a commitment and do this to an honest publisher years later, commitments
// expire: a dataset whose commitment is older than RevealWithin keeps its root for ever.
const (
	// RevealWithin is how many blocks after its commitment a dataset can be registered: an
	// hour and more at the pace of blocks of a public chain, two minutes of a local one.
	RevealWithin = 1000
	// SaltSize is the bytes of salt: none can be guessed, not even for a known text.
	SaltSize = 32
	// overdue is how many expired commitments a new one takes out of the store. As it is
	// more than one, the store never holds more than were valid at one time.
	overdue = 2

	domain = "minga/asset/register"
)

// Commitment is what MsgCommit carries: SHA-256 over a domain, the creator's account (1
// byte of length before it), the root (32 bytes) and the salt (32 bytes).
func Commitment(creator sdk.AccAddress, root, salt []byte) []byte {
	h := sha256.New()
	h.Write([]byte(domain))
	h.Write([]byte{byte(len(creator))})
	h.Write(creator)
	h.Write(root)
	h.Write(salt)
	return h.Sum(nil)
}

// Commit keeps the sender's commitment with this block's height. It is kept by its sender,
// so a copy of it takes nothing away.
func (m msgs) Commit(ctx context.Context, msg *MsgCommit) (*MsgCommitResponse, error) {
	creator, err := m.account(msg.Creator)
	if err != nil {
		return nil, err
	}
	if len(msg.Commitment) != sha256.Size {
		return nil, ErrInvalid.Wrapf("commitment has %d bytes: give the %d of a hash", len(msg.Commitment), sha256.Size)
	}
	now := sdk.UnwrapSDKContext(ctx).BlockHeight()
	if err = m.forget(ctx, now); err != nil {
		return nil, err
	}
	key := collections.Join(creator, msg.Commitment)
	known, err := m.commitments.Has(ctx, key)
	if err != nil {
		return nil, err
	}
	if known {
		return nil, ErrExists.Wrap("this commitment was made before: register, or commit with another salt")
	}
	if err := m.commitments.Set(ctx, key, now); err != nil {
		return nil, err
	}
	if err := m.commitOrder.Set(ctx, collections.Join3(now, creator, msg.Commitment)); err != nil {
		return nil, err
	}
	return &MsgCommitResponse{Height: now}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventCommitted{Creator: msg.Creator, Commitment: hex.EncodeToString(msg.Commitment)})
}

// reveal takes the commitment that a registration needs out of the store and returns its
// height.
func (k Keeper) reveal(ctx context.Context, msg *MsgRegister) (int64, error) {
	creator, err := k.account(msg.Creator)
	if err != nil {
		return 0, err
	}
	if len(msg.Salt) != SaltSize {
		return 0, ErrInvalid.Wrapf("salt has %d bytes: give the %d that the commitment was made with", len(msg.Salt),
			SaltSize)
	}
	commitment := Commitment(creator, msg.Root, msg.Salt)
	since, err := k.commitments.Get(ctx, collections.Join(creator, commitment))
	now := sdk.UnwrapSDKContext(ctx).BlockHeight()
	switch {
	case stderrors.Is(err, collections.ErrNotFound):
		return 0, ErrNotCommitted.Wrap("send MsgCommit with the hash of creator, root and salt first")
	case err != nil:
		return 0, err
	case since == now:
		return 0, ErrNotCommitted.Wrapf("the commitment is of this block, %d: register in a later one", now)
	case now > since+RevealWithin:
		return 0, ErrNotCommitted.Wrapf("the commitment of block %d expired after %d blocks: commit again", since,
			RevealWithin)
	}
	return since, k.drop(ctx, collections.Join3(since, creator, commitment))
}

// forget takes the oldest expired commitments out of the store, at most overdue of them.
func (k Keeper) forget(ctx context.Context, now int64) error {
	it, err := k.commitOrder.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	var old []collections.Triple[int64, sdk.AccAddress, []byte]
	for ; it.Valid() && len(old) < overdue; it.Next() {
		key, err := it.Key()
		if err != nil {
			return stderrors.Join(err, it.Close())
		}
		if now <= key.K1()+RevealWithin {
			break
		}
		old = append(old, key)
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, key := range old {
		if err := k.drop(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) drop(ctx context.Context, key collections.Triple[int64, sdk.AccAddress, []byte]) error {
	if err := k.commitments.Remove(ctx, collections.Join(key.K2(), key.K3())); err != nil {
		return err
	}
	return k.commitOrder.Remove(ctx, key)
}

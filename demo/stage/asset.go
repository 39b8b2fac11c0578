package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/x/asset"
)

// Publish stores a text and registers it as somebody's dataset. The asset that it
// returns has the number, the root, the bytes and the records.
func (s *Stage) Publish(ctx context.Context, owner Person, name, licence string, content []byte) (asset.Asset, error) {
	root, err := s.Put(content)
	if err != nil {
		return asset.Asset{}, err
	}
	a := asset.Asset{
		Name: name, Licence: licence, Root: root[:],
		Bytes: uint64(len(content)), Records: uint64(bytes.Count(content, []byte("\n"))),
	}
	r, err := s.Client.Register(ctx, owner.Signer, &asset.MsgRegister{
		Name: a.Name, Root: a.Root, Bytes: a.Bytes, Records: a.Records, Licence: licence,
		Price: math.ZeroInt(), Source: s.Source, Sketch: record.NewSketch(content).Encode(),
	})
	if err != nil {
		return asset.Asset{}, fmt.Errorf("%s publishes %s: %w", owner.Name, name, err)
	}
	made, ok := client.Event[*asset.EventRegistered](r.Events)
	if !ok {
		return asset.Asset{}, errors.New("the chain did not say which asset it is")
	}
	a.Id = made.Asset
	return a, nil
}

// Asset asks the chain for an asset.
func (s *Stage) Asset(ctx context.Context, id uint64) (asset.Asset, error) {
	r, err := asset.NewQueryClient(s.Client).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, err
	}
	return r.Asset, nil
}

// Withdraw takes a holder's income of an asset and returns by how much its balance
// grew. Sender is who signs: anyone may withdraw for another.
func (s *Stage) Withdraw(ctx context.Context, id uint64, holder string, sender Person) (math.Int, error) {
	before, err := s.Balance(ctx, holder)
	if err != nil {
		return math.Int{}, err
	}
	for _, who := range s.People {
		if who.Address() == holder {
			sender = who
		}
	}
	msg := &asset.MsgWithdraw{Sender: sender.Address(), Asset: id, Holder: holder}
	if _, err := s.Client.Send(ctx, sender.Signer, msg); err != nil {
		return math.Int{}, fmt.Errorf("%s withdraws: %w", s.Named(holder), err)
	}
	after, err := s.Balance(ctx, holder)
	if err != nil {
		return math.Int{}, err
	}
	return after.Sub(before), nil
}

// Balance is what an account has, in uminga.
func (s *Stage) Balance(ctx context.Context, address string) (math.Int, error) {
	request := &banktypes.QueryBalanceRequest{Address: address, Denom: client.Denom}
	r, err := banktypes.NewQueryClient(s.Client).Balance(ctx, request)
	if err != nil {
		return math.Int{}, err
	}
	return r.Balance.Amount, nil
}

package rpc

import (
	"context"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

func (r *request) getChainInfo(context.Context, *struct{}) (*client.ChainInfo, error) {
	host, genesis, header := r.vm.Host(), r.vm.Genesis(), r.vm.Snapshot().Header()
	price, err := r.vm.RegistrationPrice()
	if err != nil {
		return nil, err
	}
	invitations, err := r.vm.InvitationPrice()
	if err != nil {
		return nil, err
	}
	contexts := make(map[string]string, len(bodies))
	for _, body := range bodies {
		contexts[typeName(body)] = body.Context()
	}
	return &client.ChainInfo{
		ChainID:      host.ChainID,
		NetworkID:    host.NetworkID,
		VMID:         chain.VMID,
		Name:         chain.Name,
		Version:      r.config.Version,
		GenesisHash:  genesis.Hash(),
		Genesis:      genesis,
		Registration: client.Price(*price),
		Invitations:  client.InvitationPrice(*invitations),
		Service: client.ServiceLimits{
			MaxBodyBytes: r.config.MaxBodyBytes,
			MaxBatch:     r.config.MaxBatch,
			PageSize:     r.config.PageSize,
			MaxPageSize:  r.config.MaxPageSize,
			Wait:         client.Seconds(r.config.wait()),
			MaxWait:      client.Seconds(r.config.maxWait()),

			MaxTransactions: r.config.MaxTransactions,
		},
		SigningContexts: contexts,
		LastAccepted: client.LastAccepted{
			ID:        header.ID(),
			Height:    header.Height,
			Timestamp: header.Time(),
		},
	}, nil
}

func (r *request) health(ctx context.Context, _ *struct{}) (*client.HealthResult, error) {
	return healthOf(ctx, r.vm), nil
}

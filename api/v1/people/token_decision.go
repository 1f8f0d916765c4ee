package people

import (
	"context"
	"slices"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// What becomes of the tokens that a person answers for, when they may not make tokens any more.
const (
	tokensEnd      = "end"
	tokensTransfer = "transfer"
)

// makesTokens tells whether a person may make tokens of programs.
func makesTokens(u people.User) bool {
	return u.DisabledAt.IsZero() && slices.Contains(rest.Scopes(u.Role), rest.TokensWrite)
}

// settleTokens ends or hands over the tokens of a person who could make some before a change and cannot after it.
// Without a decision it fails with tokens_need_decision and the list: ending them unasked would stop a
// clinic's programs, and leaving them would leave a key with whoever left.
func (s *userRoutes) settleTokens(
	ctx context.Context, tx *tenants.Tx, before, after people.User, decision string,
) error {
	if !makesTokens(before) || makesTokens(after) {
		return nil
	}
	held, err := people.TokensOf(tx, before.ID.Public("usr"), s.Instant())
	if err != nil || len(held) == 0 {
		return err
	}
	ids := make([]string, len(held))
	for i, t := range held {
		ids[i] = t.ID
	}
	action := "token.revoke"
	switch decision {
	case tokensEnd:
		_, err = people.EndTokens(tx, ids, s.Instant())
	case tokensTransfer:
		action = "token.transfer"
		if err = s.mayTakeOver(ctx, before, held); err == nil {
			err = people.TransferTokens(tx, ids, rest.CallerOf(ctx).Subject)
		}
	default:
		err = needDecision(held)
	}
	for i := 0; err == nil && i < len(held); i++ {
		detail := map[string]any{"name": held[i].Name, "of": before.ID.Public("usr")}
		err = tx.Audit(s.Chain, s.AuditEntry(ctx, action, held[i].ID, detail))
	}
	return err
}

func needDecision(held []people.ServiceToken) error {
	refused := &problem.Error{Code: "tokens_need_decision"}
	for _, t := range held {
		refused.Tokens = append(refused.Tokens,
			problem.HeldToken{ID: t.ID, Name: t.Name, ExpiresAt: t.EndsAt, LastUsedAt: t.LastUsed})
	}
	return refused
}

// mayTakeOver fails unless the caller is another person, and may do all that the tokens may.
func (s *userRoutes) mayTakeOver(ctx context.Context, from people.User, held []people.ServiceToken) error {
	who := rest.CallerOf(ctx)
	_, person := domain.ParseUUID("usr", who.Subject)
	if who.Issuer != auth.Name || who.Kind != auth.Access || !person || who.Subject == from.ID.Public("usr") {
		const text = "Só outra pessoa da clínica pode assumir os tokens. Peça a ela, ou encerre-os."
		return &problem.Error{
			Code: string(domain.Invalid), Detail: text,
			Fields: []problem.Field{{Pointer: "/serviceTokens", Code: "not_one_of_allowed", Detail: text}},
		}
	}
	for _, t := range held {
		if err := s.grantable(ctx, t.Scopes); err != nil {
			return err
		}
	}
	return nil
}

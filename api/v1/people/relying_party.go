package people

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"patapay/domain"
	"patapay/tenants/people"
)

// newRelyingParty returns who passkeys are made for: the host of the public URL, and its origin alone. It is nil where
// that host is an address, which no browser makes a passkey for.
func newRelyingParty(publicURL string) *webauthn.WebAuthn {
	own, err := url.Parse(publicURL)
	if err != nil || own.Hostname() == "" {
		return nil
	}
	verified := protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationRequired,
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: own.Hostname(), RPDisplayName: "PataPay", RPOrigins: []string{own.Scheme + "://" + own.Host},
		AttestationPreference: protocol.PreferNoAttestation, AuthenticatorSelection: verified,
	})
	if err != nil {
		return nil
	}
	return party
}

// passkeyOwner is a person and their passkeys, as the library asks for them.
type passkeyOwner struct {
	people.User
	passkeys []people.Passkey
}

// WebAuthnID is what an authenticator knows the person by: nothing that tells who they are.
func (o passkeyOwner) WebAuthnID() []byte { return o.ID[:] }

// WebAuthnName is what the browser shows when there are several.
func (o passkeyOwner) WebAuthnName() string { return o.Email }

// WebAuthnDisplayName is the person's name.
func (o passkeyOwner) WebAuthnDisplayName() string { return o.Name }

// WebAuthnCredentials returns the public halves of the person's passkeys.
func (o passkeyOwner) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, len(o.passkeys))
	for i, p := range o.passkeys {
		list[i] = webauthn.Credential{
			ID: p.Credential, PublicKey: p.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: p.BackedUp},
			Authenticator: webauthn.Authenticator{SignCount: p.SignCount},
		}
		for _, by := range strings.Fields(p.Transports) {
			list[i].Transport = append(list[i].Transport, protocol.AuthenticatorTransport(by))
		}
	}
	return list
}

// of returns the stored passkey that the library found to be right, with the count that it gave.
func (o passkeyOwner) of(c *webauthn.Credential) people.Passkey {
	for _, p := range o.passkeys {
		if bytes.Equal(p.Credential, c.ID) {
			p.SignCount = c.Authenticator.SignCount
			return p
		}
	}
	return people.Passkey{}
}

// newPasskey returns what is kept of a passkey that was just made.
func newPasskey(id domain.UUID, c *webauthn.Credential) people.Passkey {
	var by []string
	for _, t := range c.Transport {
		by = append(by, string(t))
	}
	return people.Passkey{
		ID: id, Credential: c.ID, PublicKey: c.PublicKey, SignCount: c.Authenticator.SignCount,
		BackedUp: c.Flags.BackupEligible, Transports: strings.Join(by, " "),
	}
}

// sessionOf returns what the library knows a ceremony by, from the challenge that was stored for it.
func sessionOf(owner passkeyOwner, challenge string) webauthn.SessionData {
	s := webauthn.SessionData{
		Challenge: challenge, UserID: owner.WebAuthnID(), UserVerification: protocol.VerificationRequired,
		CredParams: webauthn.CredentialParametersDefault(),
	}
	for _, p := range owner.passkeys {
		s.AllowedCredentialIDs = append(s.AllowedCredentialIDs, p.Credential)
	}
	return s
}

package v1_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	v1 "patapay/api/v1"
)

// passkeyHome is what the browsers of these tests show in their address bar: passkeys need a host with a name.
const passkeyHome = "http://localhost:8080"

// key is a passkey in somebody's device. Its members are what a thief or a broken device would do otherwise.
type key struct {
	w          *world
	private    *ecdsa.PrivateKey
	id         []byte
	origin     string
	host       string // whose it was made for
	count      uint32
	unverified bool // nobody showed a finger or a PIN
}

func (w *world) newKey() *key {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	k := &key{w: w, private: private, id: make([]byte, 32), origin: passkeyHome, host: "localhost", count: 1}
	_, _ = rand.Read(k.id)
	return k
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// data returns what the authenticator says (WebAuthn, 6.1): with more, the public key that it made.
func (k *key) data(more []byte) []byte {
	host := sha256.Sum256([]byte(k.host))
	flags := byte(1 | 4)
	if k.unverified {
		flags = 1
	}
	if more != nil {
		flags |= 64
	}
	return append(binary.BigEndian.AppendUint32(append(host[:], flags), k.count), more...)
}

// client returns what the browser says (WebAuthn, 5.8.1).
func (k *key) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
	if err != nil {
		k.w.t.Fatal(err)
	}
	return b
}

// made is what navigator.credentials.create() gives; its CBOR is written by hand, for it is always of one form.
func (k *key) made(challenge string) map[string]any {
	point, err := k.private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		k.w.t.Fatal(err)
	}
	cose := bytes.Join(
		[][]byte{{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], {0x22, 0x58, 32}, point[33:]},
		nil,
	)
	own := bytes.Join([][]byte{make([]byte, 16), {0, byte(len(k.id))}, k.id, cose}, nil)
	data := k.data(own)
	object := bytes.Join([][]byte{
		{
			0xa3,
			0x63,
		},
		[]byte("fmt"),
		{0x64},
		[]byte("none"),
		{0x67},
		[]byte("attStmt"),
		{0xa0, 0x68},
		[]byte("authData"),
		{0x58, byte(len(data))},
		data,
	}, nil)
	return map[string]any{
		"id":                     text64(k.id),
		"rawId":                  text64(k.id),
		"type":                   "public-key",
		"clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    text64(k.client("webauthn.create", challenge)),
			"attestationObject": text64(object),
			"transports":        []string{"internal"},
		},
	}
}

// shown is what navigator.credentials.get() gives.
func (k *key) shown(challenge string) map[string]any {
	k.count++
	data, client := k.data(nil), k.client("webauthn.get", challenge)
	said := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), said[:]...))
	sign, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		k.w.t.Fatal(err)
	}
	return map[string]any{
		"id":                     text64(k.id),
		"rawId":                  text64(k.id),
		"type":                   "public-key",
		"clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": text64(client), "authenticatorData": text64(data), "signature": text64(sign),
		},
	}
}

func challengeIn(a answer) string { return a.body["publicKey"].(map[string]any)["challenge"].(string) }

// addKey sets a passkey up for the person of a token, and returns the recovery codes that came with it.
func (w *world) addKey(token string, k *key) []any {
	w.t.Helper()
	asked := w.must(201, token, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
	body := map[string]any{"name": "Notebook", "passkey": k.made(challengeIn(asked))}
	return w.must(200, token, "POST", "/v1/auth/passkeys/confirm", body).body["recoveryCodes"].([]any)
}

// ofLogin returns the challenge for a passkey at the second step of a login.
func (w *world) ofLogin(login string) string {
	w.t.Helper()
	return challengeIn(w.must(200, "", "POST", "/v1/auth/login/passkey", map[string]string{"challenge": login}))
}

func (w *world) meetByKey(login string, shown map[string]any) answer {
	w.t.Helper()
	return w.ask("", "POST", "/v1/auth/login/factor", map[string]any{"challenge": login, "passkey": shown})
}

// keyHolder is a person with a passkey beside their app.
type keyHolder struct {
	*protected
	key *key
}

func newKeyHolder(t *testing.T) *keyHolder {
	p := newProtected(t, func(s *v1.Server) { s.PublicURL = passkeyHome })
	k := &keyHolder{p, p.newKey()}
	if codes := p.addKey(p.token, k.key); len(codes) != 0 {
		t.Errorf("%d recovery codes for a second factor that is not the first", len(codes))
	}
	p.mailed("foi ligado")
	return k
}

// wrongAtLogin tries a login with what a changed device answers, and expects it to be refused.
func (k *keyHolder) wrongAtLogin(why string, change func(*key)) {
	k.t.Helper()
	k.t.Log(why)
	login := k.challenge(k.email)
	changed := *k.key
	change(&changed)
	k.refused(k.meetByKey(login, changed.shown(k.ofLogin(login))), "wrong_passkey")
	if a := k.meetByKey(
		login,
		k.key.shown(k.ofLogin(login)),
	); a.status != 200 { // the login was not spoilt, and the right device opens it
		k.t.Errorf("%s", a.raw)
	}
}

// passkeyWays are the ways in and off that a passkey opens, beside those of waysIn and waysOff.
var passkeyWays = map[string]func(*keyHolder){
	"the passkey at the second step": func(k *keyHolder) {
		known := map[string]string{"email": k.email, "password": password}
		first := k.must(409, "", "POST", "/v1/auth/login", known).body["challenge"].(map[string]any)
		if first["passkey"] != true {
			k.t.Errorf("%v", first)
		}
		in := k.meetByKey(first["token"].(string), k.key.shown(k.ofLogin(first["token"].(string))))
		k.must(200, in.text("accessToken"), "GET", k.path, nil)
	},
	"an answer that was given before": func(k *keyHolder) {
		login := k.challenge(k.email)
		shown := k.key.shown(k.ofLogin(login))
		if a := k.meetByKey(login, shown); a.status != 200 {
			k.t.Fatal(a.raw)
		}
		again := k.challenge(k.email)
		k.ofLogin(again)
		k.refused(k.meetByKey(again, shown), "wrong_passkey")
	},
	"an answer to another login's challenge": func(k *keyHolder) {
		one, other := k.challenge(k.email), k.challenge(k.email)
		shown := k.key.shown(k.ofLogin(one))
		k.ofLogin(other)
		k.refused(k.meetByKey(other, shown), "wrong_passkey")
	},
	"a challenge of six minutes ago": func(k *keyHolder) {
		shown := k.key.shown(challengeIn(k.must(200, k.token, "POST", "/v1/auth/fresh-factor/passkey", nil)))
		k.later(6 * time.Minute)
		k.refused(k.ask(k.token, "POST", "/v1/auth/fresh-factor", map[string]any{"passkey": shown}), "wrong_passkey")
	},
	"somebody else's passkey": func(k *keyHolder) {
		_, email := k.tenant("vizinha")
		theirs := k.newKey()
		k.addKey(k.login(email), theirs)
		login := k.challenge(k.email)
		k.refused(k.meetByKey(login, theirs.shown(k.ofLogin(login))), "wrong_passkey")
		colleagues := k.newKey()
		k.addKey(k.other, colleagues)
		k.refused(k.meetByKey(login, colleagues.shown(k.ofLogin(login))), "wrong_passkey")
	},
	"what the set-up of another one was asked": func(k *keyHolder) {
		asked := k.must(201, k.token, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
		shown := map[string]any{"passkey": k.key.shown(challengeIn(asked))}
		k.refused(k.ask(k.token, "POST", "/v1/auth/fresh-factor", shown), "wrong_passkey")
	},
	"a login that is over": func(k *keyHolder) {
		over := func(why, login string) {
			k.t.Log(why)
			k.refused(k.ask("", "POST", "/v1/auth/login/passkey", map[string]string{"challenge": login}), "challenge_over")
		}
		met, tried, late := k.challenge(k.email), k.challenge(k.email), k.challenge(k.email)
		if a := k.meet(met, k.app.next()); a.status != 200 {
			k.t.Fatal(a.raw)
		}
		over("met", met)
		for range 5 {
			k.meet(tried, "000000")
		}
		over("out of tries", tried)
		k.later(6 * time.Minute)
		over("six minutes old", late)
		before := k.challenge(k.email)
		k.must(200, k.other, "POST", k.path+"/password", nil, "If-Match: *")
		over("from before its person's sessions ended", before)
	},
	"somebody else's passkey as one's own": func(k *keyHolder) {
		asked := k.must(201, k.other, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
		k.refused(
			k.ask(k.other, "POST", "/v1/auth/passkeys/confirm", map[string]any{"passkey": k.key.made(challengeIn(asked))}),
			"wrong_passkey",
		)
	},
	"what another device, page or person answers": func(k *keyHolder) {
		k.wrongAtLogin("another origin", func(c *key) { c.origin = "https://pata-pay.example" })
		k.wrongAtLogin("a passkey of another host", func(c *key) { c.host = "pata-pay.example" })
		k.wrongAtLogin("nobody verified", func(c *key) { c.unverified = true })
		k.wrongAtLogin("a lower count", func(c *key) { c.count = 0 })
		k.wrongAtLogin("another private key", func(c *key) { c.private = k.newKey().private })
	},
	"no verification at the set-up": func(k *keyHolder) {
		fresh := k.newKey()
		fresh.unverified = true
		asked := k.must(201, k.token, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
		made := fresh.made(challengeIn(asked))
		k.refused(k.ask(k.token, "POST", "/v1/auth/passkeys/confirm", map[string]any{"passkey": made}), "wrong_passkey")
		fresh.unverified = false // and its challenge is over
		made = fresh.made(challengeIn(asked))
		k.refused(k.ask(k.token, "POST", "/v1/auth/passkeys/confirm", map[string]any{"passkey": made}), "wrong_passkey")
	},
	"a passkey that was removed": func(k *keyHolder) {
		login := k.challenge(k.email)
		shown := k.key.shown(k.ofLogin(login))
		k.remove()
		k.mailed("foi removido")
		k.must(401, k.token, "GET", "/v1/auth/me", nil)
		k.refused(k.meetByKey(login, shown), "challenge_over") // its sessions ended, and their logins with them
		known := map[string]string{"email": k.email, "password": password}
		again := k.must(409, "", "POST", "/v1/auth/login", known).body["challenge"].(map[string]any)
		if again["passkey"] != false {
			k.t.Errorf("%v", again)
		}
		k.must(409, "", "POST", "/v1/auth/login/passkey", map[string]any{"challenge": again["token"]})
	},
	"the last one where one is required": func(k *keyHolder) {
		k.must(200, k.token, "PUT", "/v1/tenants/"+k.clinic+"/factor-rule", map[string]any{"required": true})
		k.exec(`DELETE FROM factors WHERE kind = 'app'`)
		shown := k.key.shown(challengeIn(k.must(200, k.token, "POST", "/v1/auth/fresh-factor/passkey", nil)))
		a := k.ask(
			k.token,
			"POST",
			"/v1/auth/factors/"+k.keyID()+"/remove",
			map[string]any{"password": password, "passkey": shown},
		)
		k.refused(a, "second_factor_mandatory")
		k.challenge(k.email)
	},
	"what asks for a fresh factor": func(k *keyHolder) {
		k.later(11 * time.Minute)
		k.refused(
			k.ask(k.token, "POST", "/v1/auth/passkeys", map[string]string{"password": password}),
			"fresh_factor_required",
		)
		shown := k.key.shown(challengeIn(k.must(200, k.token, "POST", "/v1/auth/fresh-factor/passkey", nil)))
		k.must(200, k.token, "POST", "/v1/auth/fresh-factor", map[string]any{"passkey": shown})
		k.must(201, k.token, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
		k.refused(k.ask(k.token, "POST", "/v1/auth/fresh-factor", map[string]any{"passkey": shown}), "wrong_passkey")
	},
	"a reset by another admin": func(k *keyHolder) {
		k.must(200, k.other, "POST", k.path+"/factor-reset", nil)
		k.login(k.email)
		if n := k.count(`SELECT count(*) FROM factors`); n != 0 {
			k.t.Errorf("%d are left", n)
		}
	},
	"a first factor that is a passkey": func(k *keyHolder) {
		if codes := k.addKey(k.other, k.newKey()); len(codes) != 10 {
			k.t.Errorf("%d recovery codes", len(codes))
		}
		if first := k.challenge("fator@example.com"); first == "" {
			k.t.Error("nothing is asked for")
		}
	},
}

// keyID returns the public id of the person's passkey.
func (k *keyHolder) keyID() string {
	k.t.Helper()
	list := k.must(200, k.token, "GET", "/v1/auth/factors", nil).body["data"].([]any)
	last := list[len(list)-1].(map[string]any)
	if last["kind"] != "passkey" || last["name"] != "Notebook" {
		k.t.Fatalf("%v", list)
	}
	return last["id"].(string)
}

// remove forgets the passkey, by itself.
func (k *keyHolder) remove() {
	k.t.Helper()
	shown := k.key.shown(challengeIn(k.must(200, k.token, "POST", "/v1/auth/fresh-factor/passkey", nil)))
	a := k.ask(
		k.token,
		"POST",
		"/v1/auth/factors/"+k.keyID()+"/remove",
		map[string]any{"password": password, "passkey": shown},
	)
	if a.status != 204 {
		k.t.Fatal(a.raw)
	}
}

func TestEachWayPastAPasskeyAndToLoseIt(t *testing.T) {
	t.Parallel()
	for name, way := range passkeyWays {
		t.Run(name, func(t *testing.T) { way(newKeyHolder(t)) })
	}
}

func TestAnAddressWithoutANameHasNoPasskeysAndSaysSo(t *testing.T) {
	p := newProtected(t, func(s *v1.Server) { s.PublicURL = "http://127.0.0.1:8080" })
	if a := p.must(200, p.token, "GET", "/v1/auth/factors", nil); a.body["passkeys"] != false {
		t.Errorf("%s", a.raw)
	}
	p.must(409, p.token, "POST", "/v1/auth/passkeys", map[string]string{"password": password})
	p.must(409, p.token, "POST", "/v1/auth/fresh-factor/passkey", nil)
}

package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"patapay/api/client"
)

// LoginCmd keeps a token for the commands that speak to a running PataPay.
type LoginCmd struct {
	Remote
	Email string `help:"Log in as this person, for 15 minutes; the password is asked for, and a code where there is a second factor. None: a token is read, from a prompt or standard input."`
}

// Run checks the token and keeps it in the user's own configuration directory.
func (c LoginCmd) Run(ctx context.Context) error {
	base, _, err := c.where()
	if err != nil {
		return err
	}
	token, err := c.token(ctx)
	if err != nil {
		return err
	}
	c.URL = base
	if err := saveLogin(login{base, token}); err != nil {
		return err
	}
	return WhoamiCmd{c.Remote}.Run(ctx)
}

func (c LoginCmd) token(ctx context.Context) (string, error) {
	if c.Email == "" {
		return c.secret("Token")
	}
	password, err := c.secret("Password")
	if err != nil {
		return "", err
	}
	api, err := c.api()
	if err != nil {
		return "", err
	}
	res, err := api.LoginWithResponse(ctx, client.LoginInputBody{Email: c.Email, Password: &password})
	if token, ok := challenge(err); ok {
		return c.secondStep(ctx, api, token)
	}
	if err != nil {
		return "", failed(err)
	}
	return res.JSON200.AccessToken, nil
}

// challenge returns the token of a login that waits for its second factor, if err says that it does.
func challenge(err error) (token string, ok bool) {
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Challenge == nil {
		return "", false
	}
	return refused.Challenge.Token, true
}

// secondStep asks for a code: of the authenticator app, or a recovery code.
func (c LoginCmd) secondStep(ctx context.Context, api *client.API, token string) (string, error) {
	code, err := c.secret("Code")
	if err != nil {
		return "", err
	}
	res, err := api.LoginFactorWithResponse(ctx, client.LoginFactorInputBody{Challenge: &token, Code: &code})
	if err != nil {
		return "", failed(err)
	}
	return res.JSON200.AccessToken, nil
}

// WhoamiCmd tells who the token speaks for.
type WhoamiCmd struct{ Remote }

// Run prints it.
func (c WhoamiCmd) Run(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	res, err := api.MeWithResponse(ctx)
	if err != nil {
		return failed(err)
	}
	return c.Show(res.Body, "subject", "role", "tenantId", "platform", "name", "email")
}

func loginFile() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "patapay", "login.json"), err
}

// readLogin returns the kept login; the zero one when nobody logged in.
func readLogin() (l login, err error) {
	file, err := loginFile()
	if err != nil {
		return l, nil // without a home there is no login
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	if err != nil || json.Unmarshal(raw, &l) != nil {
		return login{}, &exit{ExitFailure, "the login at " + file + " cannot be read: delete it and log in again"}
	}
	return l, nil
}

func saveLogin(l login) error {
	file, err := loginFile()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o600)
}

// secret reads a secret: typed unseen at a terminal, else the first line of standard input.
// It is never an argument: arguments stand in process lists and in shell histories.
func (r Remote) secret(what string) (string, error) {
	if r.In == nil && terminal(os.Stdin) {
		fmt.Fprintf(r.stderr(), "%s (not shown): ", what)
		hide := exec.Command("stty", "-echo")
		hide.Stdin = os.Stdin
		if hide.Run() == nil {
			defer func() {
				show := exec.Command("stty", "echo")
				show.Stdin = os.Stdin
				_ = show.Run()
				fmt.Fprintln(r.stderr())
			}()
		}
	}
	line, err := readLine(r.stdin())
	if line == "" {
		return "", usage("nothing was read: " + strings.ToLower(what) + " comes from a prompt, a file or standard input")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return line, nil
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

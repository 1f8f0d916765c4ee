package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/endpoints"
	"patapay/tenants/inbox"
	"patapay/tenants/people"
)

// keysRotateCmd retires keys of a deployment.
type keysRotateCmd struct {
	Master keysRotateMasterCmd `cmd:"" help:"Wrap every clinic's data key by the primary key of MASTER_KEYSET; may be run again at any time."`
	Pepper keysRotatePepperCmd `cmd:"" help:"Tell how many webhook tokens are left under the old one of two peppers; --finish retires it."`
	JWT    keysRotateJWTCmd    `cmd:"" name:"jwt" help:"List the programs' tokens that another key than JWT_SIGNING_KEY signed."`
}

type keysRotateMasterCmd struct {
	Finish bool `help:"Change nothing: tell whether a key but the primary one is still needed, and until when."`
}

// Run ends with 5 when a process lacks the new key, and when --finish finds something left.
func (c keysRotateMasterCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return c.run(a, ctx, os.Stdout) })
}

func (c keysRotateMasterCmd) run(a *app.App, ctx context.Context, out io.Writer) error {
	if err := everyProcessHas(a, ctx, a.MasterMark(), out); err != nil {
		return err
	}
	return rotateMaster(a, ctx, c.Finish, out)
}

// everyProcessHas ends with 5 and names the running processes that lack the key of a mark: what is moved to it would be
// out of their reach, and what they make goes on being under the old one.
func everyProcessHas(a *app.App, ctx context.Context, mark string, out io.Writer) error {
	lacking, err := a.Without(ctx, mark)
	if err != nil || len(lacking) == 0 {
		return err
	}
	fmt.Fprintf(out, "nothing was changed: %d processes run without the new key (%s):\n", len(lacking), mark)
	for _, p := range lacking {
		fmt.Fprintf(out, "  %s, seen at %s\n", p.Name, p.SeenAt.Format("15:04:05Z"))
	}
	fmt.Fprintf(out, "start them anew with it, then run this again (one that was killed counts for %s)\n",
		tenants.ProcessKept)
	return unhealthy(len(lacking))
}

// rotateMaster walks over all clinics, one transaction each, so that what a killed run did stays done.
func rotateMaster(a *app.App, ctx context.Context, dry bool, out io.Writer) error {
	total := 0
	err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		if total, err = endpoints.Reseal(tx, a.Vault, dry); err != nil {
			return err
		}
		factors, err := people.ResealFactors(tx, a.Vault, dry)
		if err != nil {
			return err
		}
		chains, err := tenants.ResealChainKeys(tx, a.Vault, dry)
		total += factors + chains
		return err
	})
	if err != nil {
		return err
	}
	bar := progress{out: out, live: isTerminal(out)}
	err = eachPage(a, ctx, func(c tenants.Clinic) error {
		var n int
		if err := a.APIDB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) {
			n, err = tenants.RewrapKeys(tx, a.Vault, dry)
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", c.PublicID.Public("ten"), err)
		}
		total += n
		bar.step()
		return nil
	})
	if err != nil {
		return err
	}
	bar.end()
	return rotated(out, a.Vault.Primary(), total, bar.done, dry, a.Now())
}

// eachPage runs fn for each clinic, deleted ones too, and reads them a page at a time.
func eachPage(a *app.App, ctx context.Context, fn func(tenants.Clinic) error) error {
	for before := (domain.UUID{}); ; {
		var page []tenants.Clinic
		err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) { page, err = tx.Clinics(before, "", 500); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, c := range page {
			if err := fn(c); err != nil {
				return err
			}
			before = c.PublicID
		}
	}
}

// rotated says what was done, or what is left.
func rotated(out io.Writer, primary uint32, total, clinics int, dry bool, now time.Time) error {
	if !dry {
		_, err := fmt.Fprintf(
			out, "%d keys of %d clinics were wrapped anew by master key %d. Next: keys rotate master --finish\n",
			total, clinics, primary,
		)
		return err
	}
	if total > 0 {
		fmt.Fprintf(out, "%d keys of %d clinics are not wrapped by master key %d: "+
			"start every process with the new keyset, then run keys rotate master\n",
			total, clinics, primary)
		return unhealthy(total)
	}
	until := now.Add(inbox.UnclaimedKeep).UTC().Format("2006-01-02")
	_, err := fmt.Fprintf(out, "nothing that lasts is left under another key than %d (%d clinics). "+
		"Unclaimed deliveries and kept answers may be:\n"+
		"once every process has had the new keyset until %s, "+
		"take the old key out of MASTER_KEYSET\n", primary, clinics, until)
	return err
}

// progress is a line that counts, on a terminal.
type progress struct {
	out  io.Writer
	live bool
	done int
}

func (p *progress) step() {
	if p.done++; p.live {
		fmt.Fprintf(p.out, "\r%d clinics", p.done)
	}
}

func (p *progress) end() {
	if p.live && p.done > 0 {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

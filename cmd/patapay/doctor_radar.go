package main

import (
	"context"
	"fmt"
	"strings"

	"patapay/tenants"
	"patapay/tenants/radar"
)

// radar tells what Asaas sends that no list of ours has and nobody has closed.
func (d *doctor) radar(ctx context.Context, db *tenants.DB) {
	var open []radar.Shape
	err := db.Platform(ctx, func(tx *tenants.Tx) (err error) {
		open, err = radar.Shapes(tx, "open")
		return err
	})
	if err != nil {
		d.say("gateway", "what is new of Asaas's cannot be read", "See the database's findings above")
		return
	}
	if len(open) == 0 {
		d.say("gateway", "sends nothing that is not known", "")
		return
	}
	var told []string
	for _, s := range open[:min(3, len(open))] {
		told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Kind, s.Path, s.Form)))
	}
	d.say("gateway", fmt.Sprintf("%d things that no list has, the newest: %s", len(open), strings.Join(told, "; ")),
		"GET /v1/ops/shapes lists them; close each with a note once its meaning is known")
}

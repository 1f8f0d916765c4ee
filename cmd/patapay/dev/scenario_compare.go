package dev

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"patapay/domain/asaas/scenarios"
)

// differences compares everything that want names with what /v1 shows now.
func (p *Part) differences(ctx context.Context, want scenarios.Expected) (lines []string, err error) {
	for _, kind := range []struct {
		name string
		want []map[string]any
		made []string
	}{
		{"invoices", want.Invoices, p.made.Payments},
		{"checkouts", want.Checkouts, p.made.Checkouts},
		{"anticipations", want.Anticipations, p.made.Anticipations},
	} {
		if len(kind.want) != len(kind.made) {
			lines = append(
				lines,
				fmt.Sprintf("%s: %d are expected, the scenario makes %d", kind.name, len(kind.want), len(kind.made)),
			)
			continue
		}
		for i, id := range kind.made {
			got, err := p.shown(ctx, kind.name, id)
			if err != nil {
				return nil, err
			}
			lines = append(lines, scenarios.Differences(fmt.Sprintf("%s[%d]", kind.name, i), kind.want[i], got)...)
		}
	}
	for _, more := range []func(context.Context, scenarios.Expected) ([]string, error){
		p.connectionDiffers, p.alarmsDiffer, p.workItemsDiffer, p.eventsDiffer,
	} {
		found, err := more(ctx, want)
		if err != nil {
			return nil, err
		}
		lines = append(lines, found...)
	}
	return lines, nil
}

// shown returns an object as /v1 shows it, {"missing": true} when it does not exist.
func (p *Part) shown(ctx context.Context, folder, id string) (got any, err error) {
	err = p.Call(ctx, http.MethodGet, p.Path(folder+"/"+id), nil, &got)
	var status *StatusError
	if errors.As(err, &status) && status.status == http.StatusNotFound {
		return map[string]any{"missing": true}, nil
	}
	return got, err
}

func (p *Part) connectionDiffers(ctx context.Context, want scenarios.Expected) ([]string, error) {
	if want.Connection == nil {
		return nil, nil
	}
	var got any
	err := p.Call(ctx, http.MethodGet, p.Path("connection"), nil, &got)
	return scenarios.Differences("connection", want.Connection, got), err
}

func (p *Part) alarmsDiffer(ctx context.Context, want scenarios.Expected) ([]string, error) {
	var open struct{ Data []struct{ Kind string } }
	if err := p.Call(ctx, http.MethodGet, p.Path("alarms?limit=100"), nil, &open); err != nil {
		return nil, err
	}
	var kinds []string
	for _, a := range open.Data {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	if slices.Equal(kinds, want.Alarms) {
		return nil, nil
	}
	wanted, _ := json.Marshal(want.Alarms) // texts: cannot fail
	got, _ := json.Marshal(kinds)
	return []string{fmt.Sprintf("alarms: want %s, got %s", wanted, got)}, nil
}

func (p *Part) workItemsDiffer(ctx context.Context, want scenarios.Expected) ([]string, error) {
	if want.WorkItems == nil {
		return nil, nil
	}
	var open struct{ Data []struct{ Kind string } }
	if err := p.Call(ctx, http.MethodGet, p.Path("work-items?state=open&limit=100"), nil, &open); err != nil {
		return nil, err
	}
	kinds := []string{}
	for _, item := range open.Data {
		kinds = append(kinds, item.Kind)
	}
	slices.Sort(kinds)
	if slices.Equal(kinds, want.WorkItems) {
		return nil, nil
	}
	return []string{fmt.Sprintf("work items: want %q, got %q", want.WorkItems, kinds)}, nil
}

// eventsDiffer counts what the gateway delivered by outcome. Dead ones are never expected.
// How many of the others had an effect depends on their order, and on whether a read of
// ours, which a clinic's first import makes when it may, brought the same before them.
func (p *Part) eventsDiffer(ctx context.Context, want scenarios.Expected) (lines []string, err error) {
	counts := map[string]int{"dead": 0}
	if before, err := p.outcomes(ctx, "api", "applied"); err != nil {
		return nil, err
	} else if before == 0 && !p.Disorder {
		maps.Copy(counts, want.Events)
	}
	for outcome, n := range counts {
		source := "webhook"
		if outcome == "dead" {
			source = "webhook,api"
		}
		got, err := p.outcomes(ctx, source, outcome)
		if err != nil {
			return nil, err
		}
		if got != n {
			lines = append(lines, fmt.Sprintf("events %s: want %d, got %d", outcome, n, got))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// outcomes counts the events of a source that ended so.
func (p *Part) outcomes(ctx context.Context, source, outcome string) (int, error) {
	var list struct{ Data []any }
	err := p.Call(ctx, http.MethodGet, p.Path("events?limit=100&source="+source+"&outcome="+outcome), nil, &list)
	return len(list.Data), err
}

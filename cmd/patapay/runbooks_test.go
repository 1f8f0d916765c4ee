package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// alertRule is one rule of monitoring/alerts.yml.
type alertRule struct {
	Alert, Expr, For string
	Labels           map[string]string
	Annotations      map[string]string
}

func alertRules(t *testing.T) []alertRule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alertRule } }
	raw, err := os.ReadFile("monitoring/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, &file))
	require.Len(t, file.Groups, 1)
	require.NotEmpty(t, file.Groups[0].Rules)
	return file.Groups[0].Rules
}

var runbooks = filepath.Join("..", "..", "docs", "operations", "runbooks")

// lastCommands returns the lines of the code block that a document ends with; none: it ends otherwise.
func lastCommands(text string) []string {
	m := regexp.MustCompile("(?s)```sh\n([^`]+)```\\s*$").FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(m[1]), "\n")
}

func TestEveryAlertHasARunbookOfItsName(t *testing.T) {
	t.Parallel()
	for _, r := range alertRules(t) {
		name, found := strings.CutPrefix(
			r.Annotations["runbook_url"],
			"{{ $externalLabels.repository }}docs/operations/runbooks/",
		)
		require.True(t, found, r.Alert)
		raw, err := os.ReadFile(filepath.Join(runbooks, name))
		require.NoError(t, err, r.Alert)
		require.True(t, strings.HasPrefix(string(raw), "# "+r.Alert+"\n"), "%s is the runbook of %s", name, r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		require.NotEmpty(t, r.Annotations["action"], r.Alert)
		require.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
	}
}

// A rule that Prometheus's own tests make fire says nothing of whether the program ever tells its cause.
func TestEveryAlertHasATestThatPlantsItsCauseInTheProgram(t *testing.T) {
	t.Parallel()
	text := readFile(t, "docs/testing.md")
	planted := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| ([\\w, ]+) \\| .*`Test\\w+`").FindAllStringSubmatch(text, -1) {
		for _, alert := range strings.Split(row[1], ", ") {
			planted[alert] = true
		}
	}
	for _, r := range alertRules(t) {
		require.True(t, planted[r.Alert], "no row of docs/testing.md names %s with its test", r.Alert)
	}
}

// commandFault says what the program has against a line of a runbook, "" for nothing.
func commandFault(t *testing.T, line string) string {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "patapay" {
		return "it is no command of patapay"
	}
	parser, err := newParser()
	require.NoError(t, err)
	if _, err = parser.Parse(withEquals(parser.Model, words[1:])); err != nil {
		return err.Error()
	}
	return ""
}

func TestEveryRunbookEndsInACommandThatTheProgramHas(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	require.NoError(t, err)
	require.Greater(t, len(files), len(alertRules(t)), "and those that belong to no alert")
	for _, file := range files {
		if filepath.Base(file) == "README.md" {
			continue
		}
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		commands := lastCommands(string(raw))
		require.NotEmpty(t, commands, "%s ends in no command", file)
		for _, line := range commands {
			require.Empty(t, commandFault(t, line), "%s: %s", file, line)
		}
	}
}

func TestARunbooksCommandThatIsNotThereIsFound(t *testing.T) {
	require.NotEmpty(t, commandFault(t, "patapay webhook wake ext:my-clinic"))
	require.NotEmpty(t, commandFault(t, "systemctl restart patapay"))
	require.Empty(t, lastCommands("# Title\n\n```sh\npatapay doctor\n```\n\nand more"))
}

// scrapedCause is one alert's cause as Prometheus would have scraped it: series that
// are good, then bad, then good again.
type scrapedCause struct{ series, good, bad string }

// causes are in steps of a minute: 30 good, 90 bad, then good; a counter's value is its growth in a minute.
var causes = map[string][]scrapedCause{
	"DeliveriesNotStored": {{`patapay_webhook_answers_total{code="503"}`, "+0", "+1"}},
	"ReceiverSlow": {
		{`patapay_webhook_seconds_bucket{le="0.5"}`, "+60", "+0"},
		{`patapay_webhook_seconds_bucket{le="4"}`, "+60", "+60"},
		{`patapay_webhook_seconds_bucket{le="+Inf"}`, "+60", "+60"},
	},
	"AnswersFail": {
		{`patapay_http_answers_total{route="/v1/tenants/:tenant/invoices",code="500"}`, "+0", "+6"},
	},
	"EventsWait":                {{`patapay_due_oldest_seconds`, "1", "400"}},
	"LossIsNear":                {{`patapay_loss_soonest_seconds`, "900000", "1000"}},
	"QueuePaused":               {{`patapay_alarms_open{kind="paused"}`, "0", "1"}},
	"ClinicSilent":              {{`patapay_alarms_open{kind="silent"}`, "0", "1"}},
	"DifferencesWithAsaas":      {{`patapay_alarms_open{kind="differences"}`, "0", "1"}},
	"GatewaySpeaksAnew":         {{`patapay_alarms_open{kind="gateway_shapes"}`, "0", "1"}},
	"DeadLetters":               {{`patapay_alarms_open{kind="dead_letters"}`, "0", "1"}},
	"AgendaFails":               {{`patapay_alarms_open{kind="agenda_failing"}`, "0", "1"}},
	"ForgedOrContradicted":      {{`patapay_alarms_open{kind="forged_or_contradicted"}`, "0", "1"}},
	"UnauthenticatedDeliveries": {{`patapay_webhook_refusals_total`, "+1", "+600"}},
	"NobodyAnswers":             {{`patapay_build_info`, "1", "_"}},
	"ProcessGone":               {{`up{job="work",instance="a"}`, "1", "0"}, {`up{job="work",instance="b"}`, "1", "1"}},
	"RedisAway":                 {{`patapay_redis_up`, "1", "0"}},
	"PoolExhausted":             {{`patapay_pool_wait_seconds_total{role="api"}`, "+1", "+120"}},
	"FeedHeld":                  {{`patapay_feed_held_seconds`, "0", "600"}},
	"EndpointPaused":            {{`patapay_endpoints_paused`, "0", "1"}},
	"PushRefused":               {{`patapay_push_refused_oldest_seconds`, "60", "90000"}},
	"GatewaySlow": {
		{`patapay_gateway_seconds_bucket{le="1"}`, "+60", "+0"},
		{`patapay_gateway_seconds_bucket{le="16"}`, "+60", "+60"},
		{`patapay_gateway_seconds_bucket{le="+Inf"}`, "+60", "+60"},
	},
	"GatewayFails": {
		{`patapay_gateway_calls_total{code="200"}`, "+60", "+60"},
		{`patapay_gateway_calls_total{code="503"}`, "+1", "+60"},
	},
	"QuotaUsedUp":     {{`patapay_gateway_calls_total{code="quota"}`, "+0", "+5"}},
	"MonitorLate":     {{`patapay_monitor_late_seconds`, "60", "5000"}},
	"ComparisonOld":   {{`patapay_comparison_oldest_seconds`, "80000", "200000"}},
	"MailsWait":       {{`patapay_mails_oldest_seconds`, "10", "5000"}},
	"MailServerFails": {{`patapay_mails_failing`, "0", "2"}},
	"AnswersBurnFast": answersBurn, "AnswersBurnSlow": answersBurn,
	"AppliedBurnFast": appliedBurn, "AppliedBurnSlow": appliedBurn,
}

// What burns the objectives; unanswered deliveries are those of DeliveriesNotStored.
var (
	answersBurn = []scrapedCause{{`patapay_webhook_answers_total{code="200"}`, "+60", "+60"}}
	appliedBurn = []scrapedCause{
		{`patapay_events_received_total`, "+60", "+60"},
		{`patapay_events_late_total`, "+0", "+30"},
	}
)

const goodMinutes, badMinutes, curedMinutes = 30, 90, 60

// values returns the samples of one series, a minute each.
func (p scrapedCause) values() string {
	var list []string
	sum := 0
	for minute := range goodMinutes + badMinutes + curedMinutes {
		value := p.good
		if minute >= goodMinutes && minute < goodMinutes+badMinutes {
			value = p.bad
		}
		if growth, counter := strings.CutPrefix(value, "+"); counter {
			n, _ := strconv.Atoi(growth)
			sum += n
			value = strconv.Itoa(sum)
		}
		list = append(list, value)
	}
	return strings.Join(list, " ")
}

// promtool returns the program that scripts/promtool fetches.
func promtool(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath(filepath.Join("..", "..", "bin", "promtool")); err == nil {
		return path
	}
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here: scripts/promtool fetches it")
	}
	return path
}

func TestEveryAlertFiresByItsCauseAndIsSilentBeforeAndAfterIt(t *testing.T) {
	t.Parallel()
	tool := promtool(t)
	rules, err := filepath.Abs("monitoring/alerts.yml")
	require.NoError(t, err)
	type series struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	}
	type sample struct {
		Labels string  `yaml:"labels"`
		Value  float64 `yaml:"value"`
	}
	type question struct {
		Expr string   `yaml:"expr"`
		At   string   `yaml:"eval_time"`
		Exp  []sample `yaml:"exp_samples"`
	}
	type test struct {
		Interval string     `yaml:"interval"`
		Input    []series   `yaml:"input_series"`
		Asked    []question `yaml:"promql_expr_test"`
	}
	one := test{Interval: "1m"} // all causes at once: each metric is its own, and one timeline is cheap to play
	for _, r := range alertRules(t) {
		cause, known := causes[r.Alert]
		require.True(t, known, "%s has no planted cause", r.Alert)
		for _, p := range cause {
			one.Input = append(one.Input, series{p.series, p.values()})
		}
		firing := `count(ALERTS{alertname="` + r.Alert + `",alertstate="firing"})`
		none, some := []sample{}, []sample{{"{}", 1}}
		one.Asked = append(one.Asked,
			question{firing, strconv.Itoa(goodMinutes-1) + "m", none},
			question{firing, strconv.Itoa(goodMinutes+badMinutes-1) + "m", some},
			question{firing, strconv.Itoa(goodMinutes+badMinutes+curedMinutes-1) + "m", none},
		)
	}
	raw, err := yaml.Marshal(
		map[string]any{"rule_files": []string{rules}, "evaluation_interval": "1m", "tests": []test{one}},
	)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(file, raw, 0o600))
	out, err := exec.CommandContext(t.Context(), tool, "test", "rules", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

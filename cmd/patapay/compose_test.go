package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	compose "github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"patapay/cmd/patapay/app"
)

// composed returns docker-compose.yml as compose reads it, every profile on, with .env filled as the README says.
func composed(t *testing.T) *types.Project {
	t.Helper()
	environ := []string{
		"PUBLIC_URL=https://pay.example.com",
		"OWNER_DB_PASSWORD=a1",
		"RUNTIME_DB_PASSWORD=b2",
		"GRAFANA_PASSWORD=c3",
	}
	for _, line := range goodEnvironment(t) {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "TOKEN_PEPPER", "MASTER_KEYSET", "JWT_SIGNING_KEY":
			environ = append(environ, line)
		}
	}
	options, err := compose.NewProjectOptions([]string{filepath.Join("..", "..", "docker-compose.yml")},
		compose.WithEnv(environ), compose.WithProfiles([]string{"*"}), compose.WithName("patapay"))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

// environOf returns what a container of the service would find in its environment.
func environOf(s types.ServiceConfig) (list []string) {
	for name, value := range s.Environment {
		if value != nil {
			list = append(list, name+"="+*value)
		}
	}
	return list
}

func TestEveryServiceOfTheComposeFileIsGivenSettingsThatTheProgramAccepts(t *testing.T) {
	t.Parallel()
	project := composed(t)
	checked := 0
	for name, s := range project.Services {
		if s.Image != "patapay" {
			continue
		}
		checked++
		if name == "migrate" {
			_, err := app.MigratorURL(environOf(s))
			require.NoError(t, err)
			continue
		}
		_, err := app.Load(environOf(s))
		require.NoError(t, err, name)
	}
	require.Equal(t, 3, checked)
}

// OPS_ADDR was loopback inside each container, so that no scrape reached it and every alert was dead.
func TestThePrivatePortIsReachedByTheScraperAndByNoOtherService(t *testing.T) {
	t.Parallel()
	project := composed(t)
	watch := project.Networks["watch"]
	require.True(t, watch.Internal)
	for _, name := range []string{"serve", "work"} {
		cfg, err := app.Load(environOf(project.Services[name]))
		require.NoError(t, err)
		within, _, found := strings.Cut(cfg.OpsAddr, ":")
		require.True(t, found)
		require.Equal(t, watch.Ipam.Config[0].Subnet, within, "it listens in that network alone")
		_, err = netip.ParsePrefix(within)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(cfg.OpsAddr, ":9090"))
	}
	var inside []string
	for name, s := range project.Services {
		if _, in := s.Networks["watch"]; in {
			inside = append(inside, name)
		}
		for _, port := range s.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s publishes to this machine alone", name)
			require.False(t, s.Image == "patapay" && port.Target == 9090, name)
		}
	}
	slices.Sort(inside)
	require.Equal(t, []string{"prometheus", "serve", "work"}, inside)
}

func TestPrometheusOfTheComposeFileAsksTheProcessesAndFindsItsRules(t *testing.T) {
	t.Parallel()
	project := composed(t)
	var config struct {
		Global struct {
			Labels map[string]string `yaml:"external_labels"`
		}
		RuleFiles     []string `yaml:"rule_files"`
		ScrapeConfigs []struct {
			DNS []struct {
				Names []string
				Port  int
			} `yaml:"dns_sd_configs"`
		} `yaml:"scrape_configs"`
	}
	raw, err := os.ReadFile("monitoring/prometheus.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, &config))
	require.True(t, strings.HasSuffix(config.Global.Labels["repository"], "/"), "runbook_url begins with it")
	var asked []string
	for _, s := range config.ScrapeConfigs {
		require.Equal(t, 9090, s.DNS[0].Port)
		asked = append(asked, s.DNS[0].Names...)
	}
	require.Equal(t, []string{"serve", "work"}, asked)
	require.Equal(t, []string{"alerts.yml"}, config.RuleFiles)
	for _, s := range project.Services {
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				_, err := os.Stat(v.Source)
				require.NoError(t, err, "%s mounts what is here", s.Name)
			}
		}
	}
}

func TestAnAddressOfARangeIsThisMachinesOwnInIt(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.0/8:9090": "127.0.0.1:9090", "127.0.0.1:9090": "127.0.0.1:9090", ":8080": ":8080", "[::1]:1": "[::1]:1",
	} {
		got, err := app.OwnAddress(addr)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := app.OwnAddress("203.0.113.0/24:9090")
	require.ErrorContains(t, err, "no address in 203.0.113.0/24")
}

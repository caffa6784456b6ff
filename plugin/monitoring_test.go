package main

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// metricsOf returns the names of the metrics in a PromQL expression, histograms without their suffix.
func metricsOf(t *testing.T, expression string) map[string]bool {
	t.Helper()
	expression = strings.ReplaceAll(expression, "$__rate_interval", "5m") // Grafana's
	parsed, err := metricsql.Parse(expression)
	require.NoError(t, err, expression)
	names := make(map[string]bool)
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		selector, ok := e.(*metricsql.MetricExpr)
		if !ok {
			return
		}
		for _, filters := range selector.LabelFilterss {
			require.NotEmpty(t, filters, expression)
			require.Equal(t, "__name__", filters[0].Label, expression)
			names[strings.TrimSuffix(filters[0].Value, "_bucket")] = true
		}
	})
	return names
}

// requireServed checks that the program serves each metric, but for Prometheus' own.
func requireServed(t *testing.T, served map[string]bool, expression string) {
	t.Helper()
	names := metricsOf(t, expression)
	require.NotEmpty(t, names, expression)
	for name := range names {
		require.True(t, served[name] || name == "up", "%s has %s, which is not served", expression, name)
	}
}

func TestAlertsRestOnServedMetricsAndHaveARunbook(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(content, &file))
	page, err := os.ReadFile("../docs/alerts.md")
	require.NoError(t, err)
	sections := make(map[string]bool)
	for _, heading := range regexp.MustCompile(`(?m)^## (\w+)\n\n\w`).FindAllStringSubmatch(string(page), -1) {
		sections[heading[1]] = true
	}

	served := servedMetrics(t)
	alerts := make(map[string]bool)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			require.False(t, alerts[rule.Alert], "%s is there twice", rule.Alert)
			alerts[rule.Alert] = true
			requireServed(t, served, rule.Expr)
			require.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
			require.True(t, strings.HasSuffix(rule.Annotations["runbook_url"], "/docs/alerts.md#"+strings.ToLower(rule.Alert)), rule.Alert)
		}
	}
	require.Equal(t, alerts, sections, "docs/alerts.md has a section for each alert, and no other")
}

func TestDashboardShowsEveryMetricOfTheProgram(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../deploy/grafana/sessionvm.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))

	served := servedMetrics(t)
	shown, seen := make(map[string]bool), make(map[int]bool)
	for _, panel := range dashboard.Panels {
		require.False(t, seen[panel.ID], "%s has another panel's ID", panel.Title)
		seen[panel.ID] = true
		require.Equal(t, panel.Type == "row", len(panel.Targets) == 0, panel.Title)
		for _, target := range panel.Targets {
			requireServed(t, served, target.Expr)
			maps.Copy(shown, metricsOf(t, target.Expr))
		}
	}
	for name := range served {
		if strings.HasPrefix(name, "sessionvm_") {
			require.True(t, shown[name], "no panel shows %s", name)
		}
	}
}

func TestMetricsOfAnExpression(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]bool{"a_seconds": true, "b": true, "up": true},
		metricsOf(t, `histogram_quantile(0.99, sum by (le) (rate(a_seconds_bucket{job="x"}[$__rate_interval]))) > 1 or up{job=~"$job"} unless on (job) deriv(b[6h]) * 86400`))
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// sent returns how many bytes AvalancheGo nodes have sent to their peers; 0 where there is no such node.
func (l *load) sent(ctx context.Context) (total float64, err error) {
	for _, node := range l.addresses {
		at, err := url.Parse(node)
		if err != nil {
			return 0, err
		}
		at.Path = "/ext/metrics"
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), "} ")
			if !strings.HasPrefix(name, "avalanche_network_msgs_bytes{") || !strings.Contains(name, `io="sent"`) {
				continue
			}
			bytes, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0, fmt.Errorf("metric %q: %w", lines.Text(), err)
			}
			total += bytes
		}
		answer.Body.Close()
		if err := lines.Err(); err != nil {
			return 0, err
		}
	}
	return total, nil
}

#!/usr/bin/env bash
# Runs every fuzz target for a time: scripts/fuzz.sh 5s. Ends with the first that fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for_time=${1:-5s}
go=${GO:-go}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz PACKAGE TARGET. At the end of its time the fuzzer of Go 1.26 now and then reports its
# own deadline as a failure, without an input that fails: then the target runs again.
fuzz() {
	local attempt
	for attempt in 1 2 3; do
		if "$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$for_time" -fuzzminimizetime 10x "$1" 2>&1 | tee "$log"; then
			return 0
		fi
		if grep -F 'Failing input written' "$log" >/dev/null || ! grep -F 'context deadline exceeded' "$log" >/dev/null; then
			return 1
		fi
	done
	return 1
}

list=$("$go" test -list '^Fuzz' ./...)
awk '/^Fuzz/ { name[++n] = $1 } /^ok/ { for (i = 1; i <= n; i++) print $2, name[i]; n = 0 }' <<<"$list" |
	while read -r package target; do
		echo "fuzz $package $target"
		fuzz "$package" "$target" </dev/null
	done

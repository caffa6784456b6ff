#!/usr/bin/env bash
# Runs every fuzz target for a time: scripts/fuzz.sh 5s. Ends with the first that fails. A package's
# tests are built once for all of its targets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for_time=${1:-5s}
go=${GO:-go}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=$("$go" env GOCACHE)/fuzz

# fuzz PACKAGE TARGET, in the package's folder. At the end of its time the fuzzer of Go 1.26 now and then reports
# its own deadline as a failure, without an input that fails: then the target runs again.
fuzz() {
	local attempt
	for attempt in 1 2 3; do
		if "$work/test" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$for_time" -test.fuzzminimizetime 10x \
			-test.fuzzcachedir "$cache/$1" 2>&1 | tee "$work/log"; then
			return 0
		fi
		if grep -F 'Failing input written' "$work/log" >/dev/null || ! grep -F 'context deadline exceeded' "$work/log" >/dev/null; then
			return 1
		fi
	done
	return 1
}

"$go" list -f '{{.ImportPath}} {{.Dir}}' ./... |
	while read -r package folder; do
		if ! grep -qs '^func Fuzz' "$folder"/*_test.go; then
			continue
		fi
		"$go" test -c -fuzz . -o "$work/test" "$package"
		cd "$folder"
		for target in $("$work/test" -test.list '^Fuzz'); do
			echo "fuzz $package $target"
			fuzz "$package" "$target" </dev/null
		done
	done

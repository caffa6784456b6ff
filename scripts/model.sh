#!/usr/bin/env bash
# Checks the symbolic models: scripts/model.sh [FILE...], all of docs/model if none is named.
# Each model's header says what is expected of each query, "// expect holds: QUERY" or "// expect broken: QUERY".
# Fails if any result is another one, if a query has no expectation or an expectation no query, and if a model does not end.
# VERIFPAL is the program; without it nothing is checked and that is said. MODELTIME is how long a model may take, in seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
verifpal=${VERIFPAL:-verifpal}
limit=${MODELTIME:-300}

if ! command -v "$verifpal" >/dev/null; then
	echo "SKIPPED: the models were not checked, because $verifpal is not on the PATH (see docs/model/README.md)"
	exit 0
fi
if ! command -v timeout >/dev/null; then
	echo "want the command timeout, of GNU coreutils" >&2
	exit 1
fi

models=("$@")
if ((${#models[@]} == 0)); then
	shopt -s nullglob
	models=(docs/model/*.vp)
	if ((${#models[@]} == 0)); then
		echo "want models in docs/model, found none" >&2
		exit 1
	fi
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT

# check MODEL compares the results, which are in $output, with the header.
check() {
	local model=$1 summary queries expected query want got failed=0
	expected=$(sed -nE 's|^// expect (holds\|broken): (.*[^ ]) *$|\1 \2|p' "$model")
	queries=$(sed -nE '/^queries\[/,/^\]/ s/^[[:space:]]+([a-z]+\? .*[^ ]) *$/\1/p' "$model")
	if [[ -z $queries ]]; then
		echo "  FAILED: want a query, found none"
		return 1
	fi
	# What was found along the way may be repeated: the summary after the end counts.
	summary=$(sed 's/\x1b\[[0-9;]*m//g' "$output" | sed -n '/Verification completed for/,$p')
	if ! grep -qE 'All queries pass|Summary of failed queries' <<<"$summary"; then
		echo "  FAILED: want a summary of the results, found none:"
		tail -n 5 "$output"
		return 1
	fi
	while read -r query; do
		case $(grep -cE "^(holds|broken) $(sed 's/[?.]/\\&/g' <<<"$query")\$" <<<"$expected" || true) in
		1) ;;
		*)
			echo "  FAILED: want the header to say once what is expected of: $query"
			failed=1
			;;
		esac
	done <<<"$queries"
	while read -r want query; do
		if [[ -z $query ]] || ! grep -qxF "$query" <<<"$queries"; then
			echo "  FAILED: want a query for what is expected, found none: $want $query"
			failed=1
			continue
		fi
		got=holds
		if grep -qF "Result • $query —" <<<"$summary"; then
			got=broken
		fi
		if [[ $got == "$want" ]]; then
			echo "  $got, as expected: $query"
		else
			echo "  FAILED: $got, want $want: $query"
			failed=1
		fi
	done <<<"$expected"
	# Every failed query has to be one that was read from the model.
	if (($(grep -c 'Result • ' <<<"$summary" || true) != $(grep -c '^broken ' <<<"$expected" || true))); then
		echo "  FAILED: want as many broken queries as the header says, got $(grep -c 'Result • ' <<<"$summary" || true)"
		failed=1
	fi
	return "$failed"
}

"$verifpal" --version
failures=0
for model in "${models[@]}"; do
	started=$SECONDS
	echo "$model"
	status=0
	timeout "$limit" "$verifpal" verify "$model" >"$output" 2>&1 </dev/null || status=$?
	if ((status == 124)); then
		echo "  FAILED: it did not end within $limit s"
		failures=$((failures + 1))
	elif ((status != 0)); then
		echo "  FAILED: $verifpal ended with $status:"
		tail -n 5 "$output"
		failures=$((failures + 1))
	elif ! check "$model"; then
		failures=$((failures + 1))
	fi
	echo "  ($((SECONDS - started)) s)"
done
if ((failures > 0)); then
	echo "$failures of ${#models[@]} models FAILED"
	exit 1
fi
echo "all ${#models[@]} models give what is expected"

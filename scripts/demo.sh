#!/usr/bin/env bash
# Two people exchange post-quantum encrypted messages through a SessionVM chain, over real
# HTTP: make demo. Uses build/session and build/sessionvm.
#
# The chain is the one that answers at SESSION_NODE (default http://127.0.0.1:9652/rpc). If
# none does, the demo starts one of its own on a free loopback port and stops it at the end.
# Everything else is in a temporary folder. The exit status is 0 only if each step did what
# it must.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
session=${SESSION_BIN:-$root/build/session}
sessionvm=${SESSIONVM_BIN:-$root/build/sessionvm}
for binary in "$session" "$sessionvm"; do
	if [[ ! -x $binary ]]; then
		echo "demo: $binary is missing: run \"make demo\", which builds it" >&2
		exit 2
	fi
done

work=$(mktemp -d)
chain_pids=()
finish() {
	status=$?
	trap - EXIT
	for pid in "${chain_pids[@]}"; do
		if kill -0 "$pid" 2>/dev/null; then
			kill "$pid" 2>/dev/null || true
			wait "$pid" 2>/dev/null || true
		fi
	done
	rm -rf "$work"
	if ((status != 0)); then
		echo >&2
		echo "demo: FAILED (exit status $status)" >&2
	fi
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Settings of the user's own would get in the way.
unset SESSION_IDENTITY SESSION_CHAIN
export SESSION_NODE=${SESSION_NODE:-http://127.0.0.1:9652/rpc}
export HOME=$work
export SESSION_PASSPHRASE="correct horse battery staple"

title() { printf '\n%s\n' "== $*"; }
say() { printf '%s\n' "$*"; }
indent() { sed 's/^\(.\)/    \1/'; }
fail() {
	echo "demo: $*" >&2
	exit 1
}

# run WHO COMMAND...: shows a command as WHO types it and what it prints.
run() {
	local who=$1
	shift
	local shown=
	local word
	for word in "$@"; do
		[[ $word == *[[:space:]]* ]] && word="\"$word\""
		shown+=" $word"
	done
	printf '\n%s$ session%s\n' "$who" "$shown"
	(cd "$work" && "$session" --identity "$who" "$@") | indent
}

# refused WHO COMMAND...: the command must end with exit status 1.
refused() {
	local who=$1 status=0
	shift
	(cd "$work" && "$session" --identity "$who" "$@") >"$work/.out" 2>&1 || status=$?
	if ((status != 1)); then
		cat "$work/.out" >&2
		fail "session $* should have been refused (exit status 1), but ended with $status"
	fi
}

# Under pipefail nothing that others write to may stop reading early: no head, no grep -q.

# value NAME: the first value of NAME in the indented JSON on standard input.
value() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | sed -n 1p; }

# has TEXT: whether standard input has it.
has() { grep -F -- "$1" >/dev/null; }

# start_chain NAME [FLAG...]: starts a chain in the folder NAME, and makes it the one that is
# talked to.
start_chain() {
	local name=$1 address= pid i
	shift
	"$sessionvm" run --http 127.0.0.1:0 --data "$work/$name" --max-run 10m "$@" >"$work/$name.out" 2>"$work/$name.err" &
	pid=$!
	chain_pids+=("$pid")
	for ((i = 0; i < 150; i++)); do
		address=$(grep -o 'http://127\.0\.0\.1:[0-9]*/rpc' "$work/$name.out" | sed -n 1p || true)
		[[ -n $address ]] && break
		kill -0 "$pid" 2>/dev/null || { cat "$work/$name.err" >&2; fail "the chain did not start"; }
		sleep 0.1
	done
	[[ -n $address ]] || { cat "$work/$name.err" >&2; fail "the chain did not say its address"; }
	export SESSION_NODE=$address
}

say "Two people exchange post-quantum encrypted messages through a SessionVM chain."
say "Each command is shown as they type it. Passphrases come from the environment here."

title "The chain"
if "$session" info --timeout 3s >/dev/null 2>&1; then
	say "A node answers at $SESSION_NODE."
else
	say "Nothing answers at $SESSION_NODE: starting a chain of our own."
	start_chain chain
	say "It answers at $SESSION_NODE."
fi
node=$SESSION_NODE
run alice info

title "1. Alice and Bob make identities and register them"
for who in alice bob; do
	run "$who" id new
	run "$who" id register
done
alice=$("$session" --identity alice id show --json | value id)
bob=$("$session" --identity bob id show --json | value id)

title "2. Alice makes a session with Bob"
run alice create --with "$bob"
id=$("$session" --identity alice sessions --json | value session)
[[ -n $id ]] || fail "no session was made"

title "3. Alice writes, Bob reads and answers, Alice reads"
run alice send "$id" "Hi Bob, no quantum computer reads this."
run bob read "$id"
run bob send "$id" "Hi Alice, and everybody can check that you sent it."
run alice read "$id"
"$session" --identity bob read "$id" --json | has '"verified":true,"text":"Hi Bob, no quantum computer reads this."' ||
	fail "Bob did not read what Alice sent"

title "4. Bob leaves a receipt: he has everything up to message 2"
run bob ack "$id"
run alice show "$id"

title "5. Bob notes which block is the last one, and Alice proves her message in it"
run bob info
last=$("$session" info --json | sed -n '/"lastAccepted"/,/}/p')
block=$(value id <<<"$last")
height=$(value height <<<"$last")
run alice proof "$id" 1 --height "$height" --out message.proof
"$session" proof "$id" 1 --height "$height" --binary --out "$work/message.bin" >/dev/null

title "6. Bob checks it without any node"
export SESSION_NODE=http://127.0.0.1:1/rpc
say "From here on SESSION_NODE is $SESSION_NODE, where nothing answers."
run bob verify message.proof --block "$block"

title "7. Tampered copies are refused"
# flip FILE COPY POSITION: changes the lowest bit of one byte.
flip() {
	local byte
	byte=$(od -An -tu1 -j "$3" -N 1 "$1")
	cp "$1" "$2"
	printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
copies=0
for form in proof bin; do
	file=$work/message.$form
	size=$(wc -c <"$file")
	"$session" verify "$file" --block "$block" >/dev/null || fail "the untouched message.$form is refused"
	for ((i = 0; i < 32; i++)); do
		position=$((size * (2 * i + 1) / 64))
		flip "$file" "$work/tampered.$form" "$position"
		refused bob verify "tampered.$form" --block "$block"
		copies=$((copies + 1))
		if ((i == 8)); then
			printf '\nbob$ session verify tampered.%s --block %s\n' "$form" "$block"
			cut -c 1-150 "$work/.out" | indent
		fi
	done
done
say
say "$copies copies, JSON and binary, each with one bit changed at another place: all refused."

title "8. What is not there is proven too"
export SESSION_NODE=$node
run alice proof "$id" 99 --out no-message.proof
run bob proof "$id" --receipt "$alice" --out no-receipt.proof
export SESSION_NODE=http://127.0.0.1:1/rpc
say
say "And again without any node:"
run bob verify no-message.proof --no-message 99
run bob verify no-receipt.proof
"$session" verify "$work/no-receipt.proof" --json | has '"present": false' || fail "absence was not shown"
refused bob verify no-message.proof --no-message 2

title "9. Nor does Bob have to trust a block ID: validators sign the blocks"
say "Bob makes a trust file, once. A network's is made from the P-chain, where its validators are"
say "registered (--p-chain). This chain runs by itself, so it is made from its node:"
export SESSION_NODE=$node
run bob trust --out trust.json
run alice send "$id" "This one comes with the validators' signatures."
run alice proof "$id" 3 --certified --out delivery.proof
"$session" proof "$id" 3 --certified --binary --out "$work/delivery.bin" >/dev/null
export SESSION_NODE=http://127.0.0.1:1/rpc
say
say "From here on nothing answers at SESSION_NODE again. Bob has two files, and no node:"
run bob verify delivery.proof --trust trust.json

title "10. Forged certificates are refused"
genesis=()
if [[ -f $work/chain/genesis.json ]]; then
	genesis=(--genesis "$work/chain/genesis.json")
	say "Somebody starts a chain with the same genesis and a validator of their own, and makes up a message:"
else
	say "Somebody starts a chain with a validator of their own, and makes up a message:"
fi
start_chain forged "${genesis[@]}"
(
	"$session" --identity alice id register
	"$session" --identity bob id register
	"$session" --identity alice create --with "$bob"
) >/dev/null
forged=$("$session" --identity alice sessions --json | value session)
for ((i = 1; i <= 5; i++)); do # so that its block is above the one that Bob trusts
	"$session" --identity alice send "$forged" "This never happened." >/dev/null
done
"$session" proof "$forged" 5 --certified --out "$work/forged.proof" >/dev/null
export SESSION_NODE=http://127.0.0.1:1/rpc
"$session" verify "$work/forged.proof" | has "WHICH IS NOT CHECKED" || fail "the forged proof should hold together by itself"
refused bob verify forged.proof --trust trust.json
printf '\nbob$ session verify forged.proof --trust trust.json\n'
fold -s -w 110 "$work/.out" | indent
copies=0
for form in proof bin; do
	file=$work/delivery.$form
	size=$(wc -c <"$file")
	"$session" verify "$file" --trust "$work/trust.json" >/dev/null || fail "the untouched delivery.$form is refused"
	for ((i = 0; i < 32; i++)); do
		flip "$file" "$work/tampered.$form" "$((size * (2 * i + 1) / 64))"
		refused bob verify "tampered.$form" --trust trust.json
		copies=$((copies + 1))
	done
done
say
say "So are $copies copies of the true one, each with one bit changed."

say
say "All of it worked."

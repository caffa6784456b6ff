#!/usr/bin/env bash
# People exchange post-quantum encrypted messages through a SessionVM chain, over real HTTP, two
# at a time and in a group of five, and prove what they delivered: make demo. Uses build/session
# and build/sessionvm.
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

# wait_for_all: waits for what was started with &, and fails if any of it did. The chains go on.
wait_for_all() {
	local pid
	for pid in $(jobs -rp); do
		[[ " ${chain_pids[*]-} " == *" $pid "* ]] || wait "$pid" || fail "a command failed"
	done
}

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

say "Five people exchange post-quantum encrypted messages through a SessionVM chain."
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

people=(alice bob carol dave eve)
title "1. Everybody makes an identity"
declare -A identity
for who in "${people[@]}"; do
	if [[ $who == alice ]]; then run "$who" id new; else "$session" --identity "$who" id new >/dev/null; fi
	"$session" --identity "$who" id register >/dev/null &
done
wait_for_all
for who in "${people[@]}"; do
	identity[$who]=$("$session" --identity "$who" id show --json | value id)
done
say
say "Bob, Carol, Dave and Eve do the same. All register their public keys on the chain (session id register)."

title "2. Alice and Bob name each other, and compare their safety number"
run alice contacts add bob "${identity[bob]}"
run bob contacts add alice "${identity[alice]}"
run bob contacts verify alice
[[ $("$session" --identity alice contacts verify bob --json | value safetyNumber) == \
	$("$session" --identity bob contacts verify alice --json | value safetyNumber) ]] || fail "they see different safety numbers"
run alice contacts verify bob --matches

title "3. Alice writes while Bob is away, Bob reads and answers, Alice reads"
run alice send bob "Hi Bob, no quantum computer reads this."
run bob read alice
run bob send alice "Hi Alice, and nobody sees who we are."
run alice send bob "But you can show that you had this from me."
run alice read bob
id=$("$session" --identity alice sessions --json | value session)
[[ -n $id ]] || fail "no session was made"
told=$("$session" --identity alice read bob --json | sed -n 's/.*"sequence":\([0-9]*\).*"text":"But you.*/\1/p')
[[ -n $told ]] || fail "Alice does not see what she sent"
"$session" --identity bob read alice --json | has '"verified":true,"text":"Hi Bob, no quantum computer reads this."' ||
	fail "Bob did not read what Alice sent"

title "4. Bob leaves a receipt, and this is all that the chain shows of it"
run bob ack alice
run alice show "$id"
"$session" show "$id" >"$work/shown"
for who in alice bob; do
	if has "${identity[$who]}" <"$work/shown"; then fail "the chain shows $who"; fi
done
say
say "Neither Alice's nor Bob's identity is in it: both have made one for this session alone."

title "5. Carol, whom Bob does not know, writes to him"
run carol send "${identity[bob]}" "It is me, Carol."
run bob requests
run bob requests accept "${identity[carol]}" carol
run bob read carol
"$session" --identity carol contacts add bob "${identity[bob]}" >/dev/null

title "6. They chat: two processes at the same time"
# start_chat WHO WITH: starts a chat whose input is the file descriptor in chat_in.
start_chat() {
	rm -f "$work/$1.in"
	: >"$work/$1.chat"
	mkfifo "$work/$1.in"
	(cd "$work" && exec "$session" --identity "$1" chat "$2") <"$work/$1.in" >"$work/$1.chat" 2>&1 &
	chat_pid=$!
	chain_pids+=("$chat_pid")
	exec {chat_in}>"$work/$1.in"
	await "$1" "/help for help"
}
# await WHO TEXT: waits until the chat of WHO shows a text.
await() {
	local i
	for ((i = 0; i < 300; i++)); do
		has "$2" <"$work/$1.chat" && return
		sleep 0.1
	done
	cat "$work/$1.chat" >&2
	fail "the chat of $1 did not show: $2"
}
start_chat alice bob
alice_in=$chat_in alice_pid=$chat_pid
start_chat bob alice
bob_in=$chat_in bob_pid=$chat_pid
echo "Shall we talk?" >&"$alice_in"
await bob "alice: Shall we talk?"
echo "As blocks arrive." >&"$bob_in"
await alice "bob: As blocks arrive."
await bob "[alice has read up to"
echo "/rotate" >&"$alice_in"
echo "Now with new keys." >&"$alice_in"
await bob "alice: Now with new keys."
await alice "[bob has read up to"
exec {alice_in}>&- {bob_in}>&-
wait "$alice_pid" || fail "the chat of alice ended with an error"
wait "$bob_pid" || fail "the chat of bob ended with an error"
for who in alice bob; do
	other=bob
	[[ $who == bob ]] && other=alice
	printf '\n%s$ session chat %s\n' "$who" "$other"
	indent <"$work/$who.chat"
done

title "7. A chat is killed at random moments, and goes on"
sent=0
for round in 1 2 3; do
	start_chat alice bob
	(for ((i = 1; i <= 200; i++)); do echo "round $round, line $i"; done >&"$chat_in") 2>/dev/null &
	writer=$!
	sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
	kill -9 "$chat_pid"
	wait "$chat_pid" 2>/dev/null || true
	exec {chat_in}>&-
	kill "$writer" 2>/dev/null || true
	wait "$writer" 2>/dev/null || true
	grep -o 'you: round [0-9]*, line [0-9]*  \[#[0-9]* delivered' "$work/alice.chat" | sed 's/^you: //; s/  \[.*//' >>"$work/delivered" || true
done
"$session" --identity alice send bob "What was stored has gone out before this." >/dev/null
"$session" --identity bob read alice --json | grep -o '"text":"round [0-9]*, line [0-9]*"' | cut -d'"' -f4 >"$work/arrived"
[[ -s $work/delivered ]] || fail "nothing was delivered before a kill"
sort -u "$work/delivered" >"$work/delivered.once"
sort "$work/arrived" >"$work/arrived.sorted"
[[ -z $(uniq -d "$work/arrived.sorted") ]] || fail "a message came twice"
[[ -z $(comm -23 "$work/delivered.once" "$work/arrived.sorted") ]] || fail "a message was lost"
say "Alice's chat was killed (kill -9) three times while she was writing. Of her messages"
say "$(wc -l <"$work/delivered.once") were shown as delivered before a kill, and $(wc -l <"$work/arrived.sorted") have arrived: none of those is missing, none came twice."

title "8. A file"
head -c 300000 /dev/urandom >"$work/photo.jpg"
run alice send bob --file photo.jpg
file_at=$("$session" --identity bob read alice --json | sed -n 's/.*"kind":"file","sequence":\([0-9]*\).*/\1/p')
run bob save alice "$file_at" from-alice.jpg
cmp "$work/photo.jpg" "$work/from-alice.jpg" || fail "the file is another one"

title "9. A private group of five, and one is removed"
for who in carol dave eve; do
	"$session" --identity alice contacts add "$who" "${identity[$who]}" >/dev/null
	"$session" --identity "$who" contacts add alice "${identity[alice]}" >/dev/null
done
say "Alice has named the others too, and they her."
run alice group create team --with bob,carol,dave,eve
for who in bob carol dave; do
	"$session" --identity "$who" group list >/dev/null
done
run eve group list
say
say "The four have joined: each has taken a pseudonym, which only the others of the group learn."
run alice send team "Welcome, all five."
"$session" --identity eve read team >/dev/null
"$session" --identity eve send team "Eve is here." >/dev/null
run alice group remove team eve
"$session" --identity bob send team "Eve does not read this." >/dev/null
for who in "${people[@]}"; do
	run "$who" read team
	"$session" --identity "$who" read team --json >"$work/$who.team"
	has "Eve is here." <"$work/$who.team" || fail "$who did not read what was written to five"
	if [[ $who == eve ]]; then
		if has "Eve does not read this." <"$work/$who.team"; then fail "Eve reads what came after"; fi
	else
		has "Eve does not read this." <"$work/$who.team" || fail "$who did not read what was written to four"
	fi
done
refused eve send team "Let me in."
say
say "Eve cannot write to the group any more either: refused."
run bob sessions
team=$("$session" --identity bob sessions --json | awk -F'"' '$2 == "session" { at = $4 } $2 == "group" && $4 == "team" { print at }')
[[ $(wc -l <<<"$team") == 2 ]] || fail "bob does not list the two sessions of the group"
while read -r in_team; do
	"$session" --identity bob show "$in_team" --json >"$work/shown"
	for who in "${people[@]}"; do
		if has "${identity[$who]}" <"$work/shown"; then fail "the chain shows that $who is in the group"; fi
	done
done <<<"$team"
say "On the chain the group's two sessions name five and four pseudonyms, none of them twice, and none of the five people."

title "10. Bob notes which block is the last one, and Alice proves in it what she sent and what Bob read"
run bob info
last=$("$session" info --json | sed -n '/"lastAccepted"/,/}/p')
block=$(value id <<<"$last")
height=$(value height <<<"$last")
run alice proof "$id" "$told" --height "$height" --out message.proof
"$session" proof "$id" "$told" --height "$height" --binary --out "$work/message.bin" >/dev/null
say
say "She proves Bob's receipt too, to anybody whom she shows the file:"
run alice proof bob --receipt bob --height "$height" --out receipt.proof

title "11. Bob and Carol check it without any node"
export SESSION_NODE=http://127.0.0.1:1/rpc
say "From here on SESSION_NODE is $SESSION_NODE, where nothing answers."
run bob verify message.proof --block "$block"
run carol verify receipt.proof --block "$block"

title "12. Tampered copies are refused"
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

title "13. What is not there is proven too"
export SESSION_NODE=$node
run alice proof "$id" 9999 --out no-message.proof
run carol proof "$id" --receipt "${identity[carol]}" --out no-receipt.proof
export SESSION_NODE=http://127.0.0.1:1/rpc
say
say "And again without any node:"
run bob verify no-message.proof --no-message 9999
run bob verify no-receipt.proof
"$session" verify "$work/no-receipt.proof" --json | has '"present": false' || fail "absence was not shown"
refused bob verify no-message.proof --no-message 3

title "14. Nor does Bob have to trust a block ID: validators sign the blocks"
say "Bob makes a trust file, once. A network's is made from the P-chain, where its validators are"
say "registered (--p-chain). This chain runs by itself, so it is made from its node:"
export SESSION_NODE=$node
run bob trust --out trust.json
run alice send bob "This one comes with the validators' signatures."
last=$("$session" show "$id" --json | value messages)
run alice proof "$id" "$last" --certified --out delivery.proof
"$session" --identity bob read alice >/dev/null
"$session" proof "$id" "$last" --certified --binary --out "$work/delivery.bin" >/dev/null
export SESSION_NODE=http://127.0.0.1:1/rpc
say
say "From here on nothing answers at SESSION_NODE again. Bob has two files, and no node:"
run bob verify delivery.proof --trust trust.json

title "15. Forged certificates are refused"
SESSION_NODE=$node "$session" info --json | sed -n '/^    "genesis": {$/,/^    },$/p' | sed '1s/.*/{/; $s/.*/}/' >"$work/genesis.json"
chain=$(SESSION_NODE=$node "$session" info --json | value chainId)
say "Somebody starts a chain with the same genesis and a validator of their own, and makes up a message:"
start_chain forged --genesis "$work/genesis.json"
(
	"$session" --identity bob id register --trust-node # else nobody could write to him there
	# Alice plays the forger, and so trusts that node. So many that the last one's block is above the one that Bob trusts.
	for ((i = 1; i <= 300 && i <= 2 * height + 60; i++)); do echo "This never happened."; done | "$session" --identity alice chat bob --public --trust-node
) >/dev/null 2>&1
say "Bob, who has used the true chain, is led to that node. His own pinned validators did not sign it:"
other=() # a network's chain has an ID that its genesis does not give
[[ $("$session" info --json | value chainId) == "$chain" ]] || other=(--trust trust.json)
refused bob read alice "${other[@]}"
printf '\nbob$ session read alice %s\n' "${other[*]}"
fold -s -w 110 "$work/.out" | indent
say
say "The forger's message comes with a certificate of the forger's validator:"
forged=$("$session" --identity alice sessions --public --trust-node --json | value session)
"$session" proof "$forged" "$("$session" show "$forged" --json | value messages)" --certified --out "$work/forged.proof" >/dev/null
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

#!/bin/sh
# token.sh STATE EMAIL [CLAIMS] - signs in to the sandbox and prints the access token
#
# The way people go: ask for a code, read it in the inbox, type it in.  With
# CLAIMS the sandbox mints a token like the one that was given, with some of its
# members exchanged.
# shellcheck disable=SC2016 # $ belongs to jq here
set -eu

var=$1
email=$2
claims=${3:-}

note() { printf 'mina: %s\n' "$*" >&2; }
die()  { note "$*"; exit 1; }
conf() { sed -n "s/^$1=//p" "$var/etc/mina.env" 2>/dev/null | tail -n 1; }

world=$(conf MINA_SANDBOX_URL)
[ "$world" ] || die "there is no sandbox to sign in to"
auth=$world/auth/v1
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# ask URL [JSON]: sets code; the answer is a file.
ask()
{
	url=$1
	shift
	[ $# -eq 0 ] || set -- -H 'Content-Type: application/json' --data-binary "$1"
	code=$(curl -sS --cacert "$var/tls/ca.pem" --max-time 30 -o "$out" \
	    -w '%{http_code}' "$@" "$url" 2>/dev/null) || code=000
	[ "$code" != 000 ] || die "the sandbox does not answer: ./mina up"
}

got() { jq -r "$1 // empty" "$out" 2>/dev/null; }

# refused WHAT: in the other side's words.
refused()
{
	why=$(got '.msg // .message')
	die "$1: ${why:-http $code}"
}

json() { jq -cn --arg e "$email" "$@"; }

login()
{
	ask "$auth/otp" "$(json '{email: $e}')"
	# Somebody asked for the same address less than a minute ago.
	if [ "$(got .error_code)" = over_email_send_rate_limit ]; then
		ask "$world/_sandbox/auth/remail" "$(json '{email: $e}')"
		ask "$auth/otp" "$(json '{email: $e}')"
	fi
	[ "$code" = 200 ] || refused "no code for $email"
	ask "$world/inbox.json?to=$(json -r '$e | @uri')"
	pin=$(got '.mails[0].code')
	[ "$pin" ] || die "the mail did not come"
	ask "$auth/verify" "$(json --arg c "$pin" '{email: $e, token: $c, type: "email"}')"
}

[ -z "$claims" ] || printf %s "$claims" | jq -e 'type == "object"' >/dev/null 2>&1 ||
    die "--claims wants a JSON object"
# Another ./mina token for the same address makes this one's code void.
for _ in 1 2 3 4 5; do
	login
	[ "$(got .error_code)" = otp_expired ] || break
done
[ "$code" = 200 ] || refused "the code was not taken"
token=$(got .access_token)
if [ "$claims" ]; then
	ask "$world/_sandbox/auth/token" "$(json --arg t "$token" --argjson c "$claims" '
	    {email: $e, claims: (($t | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") |
	    @base64d | fromjson) + $c)}')"
	[ "$code" = 200 ] || refused "no such token"
	token=$(got .access_token)
fi
printf '%s\n' "$token"

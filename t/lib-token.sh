# lib-token.sh - a sign-in service of the test's own, and tokens of it
#
#	. "$(dirname "$0")/tap.sh"
#	. "$(dirname "$0")/lib-token.sh"
#	issuer_up			# after db_up, which sets MINA_AUTH
#	new_key ES256 a && publish a
#	token=$(mint a "$(claims "$uuid")")
#	old=$(mint a "$(claims "$uuid" '.exp -= 7200')")
#
# issuer_up starts nginx with nothing but the public keys and the settings of a
# service that confirms e-mail addresses, over TLS, and sets
# MINA_AUTH, MINA_AUTH_URL and MINA_TLS_CA for the programs.  mint KEY CLAIMS
# takes further arguments of t/mint; see there.  tap.sh comes first.
# shellcheck shell=sh disable=SC2154,SC2034,SC2016

need nginx jq openssl

# "make check" builds it; by hand any compiler will do.
mint_prog=$builddir/t/tools/mint
if [ ! -x "$mint_prog" ]; then
	mint_prog=$tmp/mint
	# shellcheck disable=SC2046 # flags
	${CC:-cc} -I"$builddir" -I"$top" -I"$top/lib" -o "$mint_prog" \
	    "$top/t/tools/mint.c" "$top/t/tools/minting.c" \
	    $(pkg-config --cflags --libs jose) || bail 'mint.c does not compile'
fi

issuer_up()
{
	issuer=$tmp/issuer
	mkdir -p "$issuer/keys"
	chmod 755 "$tmp" "$issuer" "$issuer/keys"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	    -keyout "$issuer/tls.key" -out "$issuer/tls.pem" 2>/dev/null
	confirms '{"mailer_autoconfirm":false}'
	at_end issuer_down
	issuer_tries=20
	# Whoever wants a free port has to try.
	until issuer_start $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 30000)); do
		issuer_tries=$((issuer_tries - 1))
		[ $issuer_tries -gt 0 ] || { cat "$issuer/error.log"; exit 1; }
	done
	MINA_AUTH=token
	MINA_AUTH_URL=https://localhost:$issuer_port/auth/v1
	MINA_TLS_CA=$issuer/tls.pem
	export MINA_AUTH MINA_AUTH_URL MINA_TLS_CA
}

# issuer_start [PORT]: on the port it had before, by default.
issuer_start()
{
	issuer_port=${1:-$issuer_port}
	cat >"$issuer/nginx.conf" <<-X
	pid $issuer/pid;
	error_log $issuer/error.log;
	events { }
	http {
		access_log $issuer/access.log;
		client_body_temp_path $issuer/t1;
		fastcgi_temp_path $issuer/t2;
		proxy_temp_path $issuer/t3;
		scgi_temp_path $issuer/t4;
		uwsgi_temp_path $issuer/t5;
		default_type application/json;
		server {
			listen 127.0.0.1:$issuer_port ssl;
			ssl_certificate $issuer/tls.pem;
			ssl_certificate_key $issuer/tls.key;
			location = /auth/v1/.well-known/jwks.json {
				alias $issuer/keys/jwks.json;
			}
			location = /auth/v1/settings {
				alias $issuer/keys/settings.json;
			}
		}
	}
	X
	nginx -c "$issuer/nginx.conf" -p "$issuer/" 2>>"$issuer/error.log"
}

issuer_down()
{
	[ ! -s "$issuer/pid" ] || kill "$(cat "$issuer/pid")" 2>/dev/null
	# It takes its pid file along.
	issuer_left=250
	while [ -e "$issuer/pid" ] && [ $issuer_left -gt 0 ]; do
		issuer_left=$((issuer_left - 1))
		sleep 0.02
	done
}

# new_key ALG NAME: the kid is the name.
new_key() { "$mint_prog" --new "$1" --kid "$2" >"$tmp/$2.jwk"; }

# publish NAME ...: these keys and no others.
publish()
{
	publish_n=$#
	while [ "$publish_n" -gt 0 ]; do
		set -- "$@" "$tmp/$1.jwk"
		shift
		publish_n=$((publish_n - 1))
	done
	"$mint_prog" --public "$@" >"$issuer/keys/new" &&
	    mv "$issuer/keys/new" "$issuer/keys/jwks.json"
}

# confirms [JSON]: the service's settings, or none.
confirms()
{
	rm -f "$issuer/keys/settings.json"
	[ $# -eq 0 ] || printf '%s\n' "$1" >"$issuer/keys/settings.json"
}

# How often the keys were asked for.
asked() { grep -c jwks.json "$issuer/access.log"; }

# claims USER [JQ-FILTER]: those of a good token, edited.
claims()
{
	jq -cn --arg sub "$1" --arg iss "$MINA_AUTH_URL" \
	    --argjson now "$(date +%s)" '{iss: $iss, sub: $sub,
	    aud: "authenticated", exp: ($now + 3600), iat: $now,
	    email: ($sub[0:8] + "@people.example"), phone: "",
	    role: "authenticated", is_anonymous: false, aal: "aal1",
	    app_metadata: {provider: "email", providers: ["email"]},
	    amr: [{method: "otp", timestamp: $now}],
	    user_metadata: {}, session_id: $sub} | '"${2:-.}"
}

# mint NAME CLAIMS [ARGUMENTS]
mint()
{
	mint_key=$1
	mint_claims=$2
	shift 2
	"$mint_prog" --key "$tmp/$mint_key.jwk" --kid "$mint_key" \
	    --claims "$mint_claims" "$@"
}

# config.sh - what stack.sh writes before it starts anything: settings and
# secrets, certificates, nginx's files.  Sourced; uses var, share and port.
# shellcheck shell=sh disable=SC2154

# procs: how many processes each program and the worker have (MINA_PROCS).
procs()
{
	n=$(sed -n 's/^MINA_PROCS=//p' "$var/etc/local.env" 2>/dev/null |
	    tail -n 1)
	case ${n:-1} in
	[1-9])	say "${n:-1}" ;;
	*)	die "MINA_PROCS=$n: a number from 1 to 9" ;;
	esac
}

# copies PROGRAM: the names of its processes: generate, generate.2, generate.3
copies()
{
	say "$1"
	i=1
	while [ $i -lt "$procs" ]; do
		i=$((i + 1))
		say "$1.$i"
	done
}

secret()
{
	f=$var/etc/secrets.env
	grep -qs "^$1=" "$f" ||
	    (umask 077; say "$1=$2$(openssl rand -hex "$3")" >>"$f")
}

settings()
{
	port2=$((port + 1))
	world=https://localhost:$port2
	cat <<-X
	MINA_DB_URL=host=$var/run user=mina dbname=mina
	MINA_AUTH=token
	MINA_PUBLIC_URL=https://localhost:$port
	MINA_CORS_ORIGINS=https://localhost:$port
	MINA_LOG=info
	X
	grep '^MINA_PASS_KEY=' "$var/etc/secrets.env"
	sandboxed || return 0
	cat <<-X
	MINA_S3_ENDPOINT=$world
	MINA_S3_BUCKET=mina-media
	MINA_S3_REGION=auto
	MINA_MEDIA_URL=$world/media
	MINA_OPENAI_URL=$world/openai/v1
	MINA_PROVIDER_REPLICATE_URL=$world/replicate/v1
	MINA_PROVIDER_REPLICATE_HOSTS=localhost
	MINA_PROVIDER_ARK_URL=$world/ark/api/v3
	MINA_PROVIDER_ARK_HOSTS=localhost
	MINA_PROVIDER_KLING_URL=$world/kling
	MINA_PROVIDER_KLING_HOSTS=localhost
	MINA_PROVIDER_FAL_URL=$world/fal
	MINA_PROVIDER_FAL_HOSTS=localhost
	MINA_PROVIDER_FAL_JWKS_URL=$world/fal/.well-known/jwks.json
	MINA_FETCH_ALLOW=localhost:$port2
	MINA_TLS_CA=$var/tls/ca.pem
	MINA_AUTH_URL=$world/auth/v1
	MINA_TOPUP_URL=$world/checkout
	MINA_SHOPIFY_SHOP=mina-sandbox.myshopify.com
	MINA_SHOPIFY_URL=$world
	MINA_SANDBOX_DIR=$var/sandbox
	MINA_SANDBOX_URL=$world
	X
	cat "$var/etc/secrets.env"
}

write_env()
{
	secret MINA_PASS_KEY '' 32
	secret MINA_S3_ACCESS_KEY '' 16
	secret MINA_S3_SECRET_KEY '' 32
	secret MINA_OPENAI_KEY sk-sandbox- 24
	secret MINA_PROVIDER_REPLICATE_TOKEN r8_ 20
	secret MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET whsec_ 24
	secret MINA_PROVIDER_ARK_KEY ark- 16
	secret MINA_PROVIDER_KLING_KEY api-key-kling- 16
	secret MINA_PROVIDER_KLING_ACCESS_KEY A 15
	secret MINA_PROVIDER_KLING_SECRET_KEY '' 16
	secret MINA_PROVIDER_FAL_KEY sandbox: 16
	secret MINA_PROVIDER_KLING_CALLBACK_SECRET '' 24
	secret MINA_SHOPIFY_CLIENT_ID '' 16
	secret MINA_SHOPIFY_SECRET shpss_ 16
	local=$var/etc/local.env
	[ -f "$local" ] || local=/dev/null
	# Each name once: the programs take the first line, people mean the last.
	(umask 077; { settings; cat "$local"; } | awk '
		/^[ \t]*(#|$)/ { next }
		{ k = substr($0, 1, index($0, "=") - 1)
		  if (!(k in v)) order[++n] = k
		  v[k] = $0 }
		END { for (i = 1; i <= n; i++) print v[order[i]] }
	    ' >"$var/etc/mina.env.new")
	mv "$var/etc/mina.env.new" "$var/etc/mina.env"
}

# A private authority that can vouch for this machine's loopback and nothing
# else, so that trusting it in a browser gives nothing away.
write_tls()
(
	cd "$var/tls" || exit
	if ! openssl x509 -in ca.pem -checkend 5184000 >/dev/null 2>&1; then
		cat >ca.cnf <<-'X'
		[req]
		distinguished_name = dn
		x509_extensions = ext
		prompt = no
		[dn]
		O = Mina
		CN = Mina local authority
		[ext]
		basicConstraints = critical, CA:TRUE, pathlen:0
		keyUsage = critical, keyCertSign, cRLSign
		subjectKeyIdentifier = hash
		nameConstraints = critical, @names
		[names]
		permitted;DNS.0 = localhost
		permitted;IP.0 = 127.0.0.1/255.255.255.255
		permitted;IP.1 = ::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
		X
		(umask 077; openssl ecparam -name prime256v1 -genkey -noout -out ca.key)
		openssl req -x509 -new -sha256 -config ca.cnf -key ca.key \
		    -days 3650 -out ca.pem
		rm -f server.pem
	fi
	if ! openssl x509 -in server.pem -checkend 2592000 >/dev/null 2>&1; then
		cat >server.cnf <<-'X'
		basicConstraints = critical, CA:FALSE
		keyUsage = critical, digitalSignature
		extendedKeyUsage = serverAuth
		authorityKeyIdentifier = keyid
		subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
		X
		(umask 077; openssl ecparam -name prime256v1 -genkey -noout -out server.key)
		openssl req -new -key server.key -subj /O=Mina/CN=localhost |
		    openssl x509 -req -sha256 -CA ca.pem -CAkey ca.key \
			-set_serial "0x$(openssl rand -hex 16)" -days 397 \
			-extfile server.cnf -out server.pem 2>/dev/null
	fi
)

write_nginx()
{
	v6='# '
	! grep -qs '^00000000000000000000000000000001 ' /proc/net/if_inet6 || v6=
	limited=1
	[ "$(sed -n 's/^MINA_LIMIT_LOCAL=//p' "$var/etc/local.env" 2>/dev/null |
	    tail -n 1)" != no ] || limited=0
	trusted=$(sed -n 's/^MINA_TRUSTED_PROXIES=//p' "$var/etc/local.env" \
	    2>/dev/null | tail -n 1)
	# Addresses and networks only: the file is nginx' own syntax.
	say "$trusted" | tr ', ' '\n\n' | grep -E '^[0-9A-Fa-f.:]+(/[0-9]+)?$' |
	    sed 's/.*/set_real_ip_from &;/' >"$var/etc/proxies.conf"
	h2=http2
	[ "$(sed -n 's/^MINA_SANDBOX_HTTP=//p' "$var/etc/local.env" 2>/dev/null |
	    tail -n 1)" != 1.1 ] || h2=
	world=
	! sandboxed || world="include $var/etc/sandbox.conf;"
	for f in mina:nginx sandbox:sandbox; do
		sed "s|@STATE@|$var|g; s|@SHARE@|$share|g; s|@V6@|$v6|g
		    s|@PORT@|$port|g; s|@PORT2@|$((port + 1))|g
		    s|@LIMITED@|$limited|g; s|@H2@|$h2|g; s|^\([[:space:]]*\)@SANDBOX@|\1$world|
		    " "$share/nginx/${f%:*}.conf.in" >"$var/etc/${f#*:}.conf"
	done
	# max_fails=0: a process that ends is replaced at once, and its socket
	# stays open meanwhile, so none is left out because of one failure.
	for p in $(routed) sandbox; do
		servers="server unix:$var/run/$p.sock;"
		[ "$p" = sandbox ] || [ "$procs" -eq 1 ] ||
		    servers=$(for c in $(copies "$p"); do
			printf 'server unix:%s max_fails=0; ' "$var/run/$c.sock"
		    done)
		say "upstream $p { $servers keepalive 64; }"
	done >"$var/etc/upstreams.conf"
}


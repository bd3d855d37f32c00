#!/bin/sh
# The manual: each page is clean mdoc, and agrees with the code's tables.
. "$(dirname "$0")/../tap.sh"

need mandoc
set -- "$top"/man/*.[1-9]
plan $(($# * 3 + 4))

# Pages that are not ours, which ours refer to.
others='psql.1 spawn-fcgi.1 sudo.8 systemd.socket.5 nginx.8'

# Settings that no program reads, but the launcher does.
launcher='MINA_CONF MINA_VAR MINA_INST MINA_CONFIGURE MINA_JOBS
MINA_PROCS MINA_SANDBOX MINA_SANDBOX_HTTP'

unknown_pages()
{
	sed -n 's/^\.Xr \([^ ]*\) \([1-9]\).*/\1.\2/p' "$1" | sort -u |
	while read -r page; do
		[ -f "$top/man/$page" ] && continue
		case " $others " in *" $page "*) continue ;; esac
		echo "$page"
	done
}

unknown_settings()
{
	grep -o 'MINA_[A-Z0-9_]*[A-Z0-9]' "$1" | sort -u |
	while read -r name; do
		grep -q "\"$name\"" "$top/lib/base/conf.def" && continue
		# Named by the registry, which is data.
		case $name in MINA_PROVIDER*) continue ;; esac
		# shellcheck disable=SC2086 # one a word
		printf '%s\n' $launcher | grep -q -x "$name" && continue
		echo "$name"
	done
}

for f; do
	page=${f#"$top/man/"}
	# Warnings as well as errors; matters of style are left to people.
	ok "$page is clean" mandoc -Tlint -Wwarning "$f"
	is "$(unknown_pages "$f")" '' "$page refers to pages that there are"
	is "$(unknown_settings "$f")" '' "$page names settings that there are"
done

# lib/base/err.def, and the table in mina(7): name, status, code, again, title.
is "$(sed -n '/^\.Sh ERROR CODES/,/^\.El/s/^\.It \(E_.*\)/\1/p' \
    "$top/man/mina.7" | sed 's/ Ta /|/g; s/"//g; s/|yes|/|1|/; s/|no|/|0|/')" \
    "$(sed -n 's/^ERR(\(E_[A-Z]*\), *\([1-9][0-9]*\), *"\([^"]*\)", *\([01]\), *"\([^"]*\)",.*/\1|\2|\3|\4|\5/p' \
    "$top/lib/base/err.def" | grep -v '^E_OK|')" \
    'mina(7) has the errors of lib/base/err.def'

is "$(sed -n 's/^\.It Cm //p' "$top/man/mina.1" | sort)" \
    "$( (sed -n 's/^cmd_\([a-z]*\)()$/\1/p' "$top/mina"; echo help) | sort)" \
    'mina(1) has the commands of the launcher'

pages=$(for f; do basename "$f"; done | grep -v '^mina\.7$')
is "$(for p in $pages; do
	grep -q "^\.Xr ${p%.*} ${p##*.}" "$top/man/mina.7" || echo "$p"
    done)" '' 'mina(7) leads to every other page'

# Who changes the version says what changed.
is "$(sed -n 's/^[0-9-]* *Mina \([0-9.]*\)$/\1/p' "$top/ChangeLog" | head -n 1)" \
    "$(sed -n 's/^AC_INIT(\[mina\], \[\([0-9.]*\)\].*/\1/p' "$top/configure.ac")" \
    'the version is the newest in ChangeLog'

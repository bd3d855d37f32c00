# compile_commands.awk - the compilations in what "make -n" prints, as JSON
#
#	make compile_commands.json	in a build directory
#
# -v dir=DIR is the build directory.  Flags that write dependencies are left
# out: a tool that runs these commands would overwrite what make relies on.

function json(s)
{
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

BEGIN { print "[" }

/ -c -o [^ ]*\.o / {
	sub(/ *&& *\\?$/, "")
	sub(/ -MT [^ ]* -MD -MP -MF [^ ]*/, "")
	# Where make would look itself: `test -f 'a.c' || echo 'SRC/'`a.c
	if (match($0, /`test -f '[^']*' \|\| echo '[^']*'`/)) {
		before = substr($0, 1, RSTART - 1)
		looks = substr($0, RSTART, RLENGTH)
		after = substr($0, RSTART + RLENGTH)
		sub(/^.* echo '/, "", looks)
		sub(/'`$/, "", looks)
		$0 = before looks after
	}
	object = $0
	sub(/^.* -c -o /, "", object)
	sub(/ .*/, "", object)
	printf "%s{ \"directory\": %s, \"file\": %s, \"output\": %s,\n" \
	    "  \"command\": %s }", n++ ? ",\n" : "", json(dir), json($NF),
	    json(object), json($0)
}

END {
	print "\n]"
	exit !n
}

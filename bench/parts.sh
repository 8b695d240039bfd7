# SPDX-License-Identifier: MIT
# Sourced by run.sh: the parts of the benchmark. part_NAME is one system's turn;
# system, round, seconds and the rest of run.sh's words are set.

# in_guest N COMMAND...
in_guest() {
	ip netns exec "g$1" "${@:2}"
}

# guests_with N [START]: N guests on the system, in touch with each other.
guests_with() {
	guests_add "$1"
	"${2:-system_up}" "$1"
	guests_up
	soon in_guest 0 ping -q -c 1 -W 1 10.77.0.2
	[ -s "$out/nice.$system" ] || [ ${#pids[@]} -eq 0 ] ||
		ps -o ni= -p "${pids[0]}" | tr -d ' ' >"$out/nice.$system"
}

# --- Two guests -------------------------------------------------------------

listens() {
	in_guest 1 ss -Hltn | grep -q :5201
}

# One stream for as long as the part has; CPU time per Gbit of what arrived: of
# the system's processes, and of the whole path.
tcp_stream() {
	local system0 path0 system1 path1
	in_guest 1 timeout 30 iperf3 -s -1 >"$state/server.log" 2>&1 &
	soon listens
	system0=$(system_ns) path0=$(path_ns)
	in_guest 0 timeout 30 iperf3 -J -c 10.77.0.2 -C cubic -t "$seconds" \
		>"$state/iperf3.json"
	system1=$(system_ns) path1=$(path_ns)
	wait $!
	python3 - "$state/iperf3.json" $((system1 - system0)) \
		$((path1 - path0)) >>"$rows" <<-'PY'
		import json, sys
		end = json.load(open(sys.argv[1]))["end"]
		gbit = end["sum_received"]["bytes"] * 8 / 1e9
		print("gbps %.3f" % (end["sum_received"]["bits_per_second"] / 1e9))
		print("system_cpu %.4f" % (int(sys.argv[2]) / 1e9 / gbit))
		print("path_cpu %.4f" % (int(sys.argv[3]) / 1e9 / gbit))
		print("retransmits", end["sum_sent"]["retransmits"])
	PY
}
part_tcp() {
	guests_with 2
	calm tcp_stream
}

round_trips() {
	row_each '' "$("$bin/pingpong" $((seconds * 600)) 1000)"
}
part_rtt() {
	guests_with 2
	calm round_trips
}

small_frames() {
	row_each '' "$("$bin/netload" -s pair udp 2 "$seconds")"
}
part_frames() {
	guests_with 2
	calm small_frames
}

part_vlan() {
	guests_with 2
	calm tcp_stream
	calm small_frames
}

# --- A link between two switches ----------------------------------------------

# linked NAME START: what passes between two guests, 5 Gbit/s of TCP offered once
# the sender has found out that it may, and small frames.
linked() {
	local guest
	guests_with 2 "$2"
	for guest in 0 1; do # windows for what is under way
		in_guest $guest sysctl -qw \
			net.ipv4.tcp_rmem='4096 131072 268435456' \
			net.ipv4.tcp_wmem='4096 131072 268435456'
	done
	calm over_link "$1"
	down
}
over_link() {
	in_guest 1 timeout 30 iperf3 -s -1 >"$state/server.log" 2>&1 &
	soon listens
	in_guest 0 timeout 30 iperf3 -J -c 10.77.0.2 -C cubic --fq-rate 5G \
		-O 4 -t "$seconds" >"$state/iperf3.json"
	wait $!
	row "$1_gbps" "$(python3 -c 'import json, sys
print("%.3f" % (json.load(sys.stdin)["end"]["sum_received"]
	["bits_per_second"] / 1e9))' <"$state/iperf3.json")"
	row_each "$1_" "$("$bin/netload" pair udp 2 "$seconds")"
	row "$1_ping_ms" "$(in_guest 0 ping -q -c 10 -i 0.2 10.77.0.2 |
		sed -n 's|.*= [0-9.]*/\([0-9.]*\)/.*|\1|p')"
}

# share NAME OF METRIC: what the first reached of what the other did.
share() {
	row "$1_$3_share" "$(awk -F, -v round="$round" -v a="$1_$3" \
		-v b="$2_$3" '
		$1 == round && $2 == "link" {value[$4] = $5}
		END {printf "%.3f", value[a] / value[b]}' "$csv")"
}
shares_of_links() {
	share link one full
	share long link gbps
}
part_link() {
	linked one system_up
	linked link system_link
	linked long system_long
	patience=0 calm shares_of_links
}

# --- Eight guests -----------------------------------------------------------

eight_guests() { # eight_guests PATTERN PROTOCOL
	row_each "$1_$2_" "$("$bin/netload" "$1" "$2" 8 "$seconds")"
}
part_ports8() {
	local pattern protocol
	guests_with 8
	for protocol in tcp udp; do
		for pattern in incast mesh; do
			calm eight_guests $pattern $protocol
		done
	done
}

# --- Addresses --------------------------------------------------------------

addresses() {
	row_each "m$1_" "$("$bin/macgen" "$1" "$seconds")"
}
part_macs() {
	local n
	for n in ${macs:-1 1024 65536}; do
		fdb_words='limit: 131072'
		guests_with 3
		calm addresses "$n"
		down
	done
}

# --- VDE clients ------------------------------------------------------------

# clients COUNT BYTES BATCH: two of them are busy.
clients() {
	local cpu0 cpu1 name=c$1_$2
	[ "$3" -eq 1 ] || name+=_b$3
	cpu0=$(system_ns)
	row_each "${name}_" "$("$bin/vde_rate" -l -b "$3" "$vde_dir" \
		$(($1 - 2)) "$seconds" "$2")"
	cpu1=$(system_ns)
	[ "$1" -gt 2 ] || row "${name}_cpu" "$(awk -v ns=$((cpu1 - cpu0)) \
		-v s="$seconds" 'BEGIN {printf "%.2f", ns / 1e9 / (s + 0.5)}')"
}
part_vde() {
	local bytes count
	system_vde
	for bytes in 60 1514; do
		for count in ${vde_clients:-2 32 128 500}; do
			calm clients "$count" $bytes 1
			[ "$count" -ne 2 ] || calm clients 2 $bytes 32
		done
	done
}

# The other end of a mixed path: guest g1 joins a VDE switch by a vde_plug.
far_end() {
	spawn far ip netns exec g1 vde_plug "vde://$1" tap://eth0
	far_pid=${pids[-1]}
	soon ip -n g1 link show eth0
}
far_ns() {
	awk '{print $1}' "/proc/$far_pid/schedstat"
}

# And the share of the time for which the far end was busy: at 1 it gives all it
# has, and no switch gets more out of it.
mixed_stream() {
	local ns
	ns=$(far_ns)
	tcp_stream
	awk -v ns=$(($(far_ns) - ns)) -v s="$seconds" \
		'BEGIN {printf "far_busy %.3f\n", ns / s / 1e9}' >>"$rows"
}
part_tapvde() {
	guests_with 2 system_mixed
	calm mixed_stream
}

# --- Start ------------------------------------------------------------------

begin_ports() {
	local from to
	from=$(date +%s%N)
	system_start "$1"
	to=$(date +%s%N)
	row "p$1_ms" $(((to - from) / 1000000))
	[ ${#pids[@]} -eq 0 ] || row "p$1_mb" "$(memory_mb)"
}
part_start() {
	local n
	for n in ${start_ports:-2 100 500}; do
		patience=0 calm begin_ports "$n"
		down
	done
}

# --- Where the time goes ------------------------------------------------------

# shares TITLE NS OPTIONS...: perf's shares as ns of the NS that a frame takes.
shares() {
	echo
	echo "$1"
	perf report -i "$state/perf" --stdio -g none --percent-limit 0.7 \
		"${@:3}" 2>/dev/null | awk -v ns="$2" '
		/^ +[0-9.]+%/ && $NF !~ /^0x/ {
			share = $1 + 0
			$1 = ""
			printf "%7.0f ns %6.1f %% %s\n", ns * share / 100, share, $0
		}' | head -n 40
}

# profiled NAME COMMAND...: switchd, while a generator runs that prints frames/s
# as full=FPS or fps=FPS.
profiled() {
	local name=$1 cpu0 cpu1 load frame_ns
	"${@:2}" >"$state/rate" &
	load=$!
	sleep 1 # it has joined and is warm
	cpu0=$(system_ns)
	perf record -q -g -F 4999 -o "$state/perf" -p "${pids[0]}" \
		sleep "$seconds" >/dev/null 2>&1
	cpu1=$(system_ns)
	wait $load
	frame_ns=$(tr ' ' '\n' <"$state/rate" |
		awk -F= -v ns=$((cpu1 - cpu0)) -v s="$seconds" '
		/^(full|fps)=/ {printf "%.0f", ns / s / $2}')
	{
		echo "$name: $(cat "$state/rate")"
		echo "switchd: $frame_ns ns of CPU time a frame that arrived"
		shares 'In whose code:' "$frame_ns" --no-children -F overhead,dso
		shares 'By itself:' "$frame_ns" --no-children -F overhead,sym
		shares 'With what it calls:' "$frame_ns" --children \
			-F overhead_children,sym
	} >"$out/profile.$name.txt"
	cat "$out/profile.$name.txt"
}
part_profile() {
	command -v perf >/dev/null || {
		echo 'perf is not installed (Debian: linux-perf)'
		return
	}
	guests_with 2
	profiled taps "$bin/netload" pair udp 2 $((seconds + 2))
	down
	system_vde
	profiled vde "$bin/vde_rate" -l "$vde_dir" 0 $((seconds + 2)) 60
}

# What a part needs of a system, how many guests, and which systems join it.
part_needs() {
	case $1 in
	tcp | rtt | frames) echo guests 2 "$systems" ;;
	vlan) echo guests 2 labswitch labswitch-access labswitch-trunk ;;
	link) echo links 2 labswitch ;;
	ports8) echo guests 8 "$systems" ;;
	macs) echo guests 3 "$systems" ;;
	vde) echo vde 2 "$systems" ;;
	profile) echo guests 2 labswitch ;;
	tapvde) echo mixed 2 "$systems" fed ;;
	start) echo start 2 "$systems" ;;
	*) return 1 ;;
	esac
}

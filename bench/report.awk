# SPDX-License-Identifier: MIT
# results.csv -> tables, targets or the data of the chart, as `want` has it.
# A figure is the median of the rounds; a ratio is the median of the ratios to
# what another who reached in the same round.

$1 == "round" || NF < 6 {
	next
}
{
	busy[++taken] = $6 + 0
	if ($6 + 0 > 20) {
		disturbed[++noisy] = $0
		next
	}
	take($1, $2, $3, $4, $5)
}
END {
	for (i = 1; i <= noisy; i++) {
		split(disturbed[i], f, ",")
		if (!((f[2], f[3], f[4]) in calm))
			mark[f[2], f[3], f[4]] = "*"
	}
	for (i = 1; i <= noisy; i++) {
		split(disturbed[i], f, ",")
		if ((f[2], f[3], f[4]) in mark)
			store(f[1], f[2], f[3], f[4], f[5])
	}
	if (want == "tables")
		tables()
	else if (want == "targets")
		all_targets()
	else
		chart()
}

function take(round, part, who, metric, value) {
	calm[part, who, metric] = 1
	store(round, part, who, metric, value)
}

# Keeps parts, systems and metrics in the order in which they come.
function store(round, part, who, metric, value) {
	value_of[part, who, metric, round] = value
	if (!(round in is_round)) {
		is_round[round] = 1
		round_no[++rounds] = round
	}
	if (!((part, round) in in_round)) {
		in_round[part, round] = 1
		part_rounds[part]++
	}
	if (!(part in is_part)) {
		is_part[part] = 1
		part_no[++parts] = part
	}
	if (!((part, who) in is_system)) {
		is_system[part, who] = 1
		system_no[part, ++systems[part]] = who
	}
	if (!((part, metric) in is_metric)) {
		is_metric[part, metric] = 1
		metric_no[part, ++metrics[part]] = metric
	}
}

# sorted_values and sorted_ratios fill list, least first, and return how many.
function sorted_values(list, part, who, metric,    i, n) {
	for (i = 1; i <= rounds; i++)
		if ((part, who, metric, round_no[i]) in value_of)
			list[++n] = value_of[part, who, metric, round_no[i]] + 0
	return sort(list, n)
}

function sorted_ratios(list, part, who, metric, base,    i, n, r) {
	for (i = 1; i <= rounds; i++) {
		r = round_no[i]
		if ((part, who, metric, r) in value_of &&
		    value_of[part, base, metric, r] + 0 > 0)
			list[++n] = value_of[part, who, metric, r] / \
				value_of[part, base, metric, r]
	}
	return sort(list, n)
}

function sort(list, n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (j = i - 1; j > 0 && list[j] > v; j--)
			list[j + 1] = list[j]
		list[j + 1] = v
	}
	return n + 0
}

function median(list, n) {
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function figure(x) {
	if (x >= 1000000)
		return sprintf("%.2fM", x / 1000000)
	if (x >= 10000)
		return sprintf("%.0fk", x / 1000)
	if (x >= 100)
		return sprintf("%.0f", x)
	if (x >= 10)
		return sprintf("%.1f", x)
	return x == 0 ? "0" : sprintf("%.3g", x)
}

function ratio(part, who, metric, base,    list, n) {
	n = sorted_ratios(list, part, who, metric, base)
	return n ? figure(median(list, n)) : "-"
}

# The ratios of what is best at nothing say nothing.
function cell(part, who, metric,    list, n, text) {
	n = sorted_values(list, part, who, metric)
	if (!n)
		return "-"
	text = figure(median(list, n)) mark[part, who, metric]
	if (n > 1)
		text = text " [" figure(list[1]) "-" figure(list[n]) "]"
	if (metric !~ /(sent|loss|lost|flood|retransmits)$/)
		text = text " (" ratio(part, who, metric, "vde") " / " \
			ratio(part, who, metric, "kbridge") ")"
	return text
}

function tables(    p, part, s, m) {
	print "\nMedian of the rounds [least-greatest] (ratio to vde / to kbridge)."
	sort(busy, taken)
	printf "Others used %s %% [%s-%s] of a CPU meanwhile; of %d figures\n" \
		"%d were taken while they used more than 20 %%.\n", \
		median(busy, taken), busy[1], busy[taken], taken, noisy
	for (p = 1; p <= parts; p++) {
		part = part_no[p]
		printf "\n**%s**, %d rounds\n\n| |", part, part_rounds[part]
		for (s = 1; s <= systems[part]; s++)
			printf " %s |", system_no[part, s]
		printf "\n|---|"
		for (s = 1; s <= systems[part]; s++)
			printf "---|"
		for (m = 1; m <= metrics[part]; m++) {
			printf "\n| %s |", metric_no[part, m]
			for (s = 1; s <= systems[part]; s++)
				printf " %s |", cell(part, \
					system_no[part, s], metric_no[part, m])
		}
		print ""
	}
}

# --- Targets ----------------------------------------------------------------

function all_targets(    line, f) {
	print "| work | wanted | median [least-greatest] | holds |"
	print "|---|---|---|---|"
	while ((getline line <targets) > 0)
		if (line !~ /^#/) {
			sub(/\t+/, "\t", line)
			gsub(/\t+/, "\t", line)
			split(line, f, "\t")
			target(f[1], f[2], f[3], f[4], f[5], f[6])
		}
}

function target(part, metric, way, factor, base, words,    n, list) {
	if (base == "-")
		n = sorted_values(list, part, "labswitch", metric)
	else
		n = sorted_ratios(list, part, "labswitch", metric, base)
	if (!n)
		return
	printf "| %s | at %s %s%s | %s [%s-%s] | %s |\n", words, way, factor, \
		(base == "-" ? "" : " x " base), figure(median(list, n)), \
		figure(list[1]), figure(list[n]), \
		reaches(median(list, n), way, factor) ? "yes" : "**no**"
}

function reaches(x, way, factor) {
	return way == "least" ? x >= factor + 0 : x <= factor + 0
}

# --- The chart: how many times vde_switch's figure ----------------------------

function chart() {
	print "work labswitch kbridge ovs limit"
	bars("tcp", "gbps", "TCP")
	bars("frames", "full", "64 bytes")
	bars("frames", "lossless", "64 bytes, no loss")
	bars("rtt", "p50_us", "round trip")
	bars("ports8", "incast_tcp_gbps", "8 ports, TCP to one")
	bars("ports8", "mesh_udp_full", "8 ports, all to all")
	bars("vde", "c2_60_fps", "2 VDE clients")
	bars("vde", "c500_60_fps", "500 VDE clients")
	bars("macs", "m65536_fwd", "65,536 addresses")
}

function bars(part, metric, words) {
	if (ratio(part, "labswitch", metric, "vde") == "-")
		return
	printf "\"%s\" %s %s %s %s\n", words, bar(part, "labswitch", metric), \
		bar(part, "kbridge", metric), bar(part, "ovs", metric), \
		bar(part, "limit", metric)
}

# Of a time less is better.
function bar(part, who, metric,    list, n, x) {
	n = sorted_ratios(list, part, who, metric, "vde")
	if (!n)
		return "?"
	x = median(list, n)
	return sprintf("%.3f", metric ~ /_us$/ ? 1 / x : x)
}

# SPDX-License-Identifier: MIT
# chart.txt as bars: how many times better than vde_switch.
set terminal svg noenhanced size 960,480 dynamic font "sans,12" background "white"
set datafile missing "?"
set style data histogram
set style histogram clustered gap 1.5
set style fill solid 0.9 noborder
set logscale y
set grid ytics lc rgb "#dddddd"
set ylabel "times vde_switch (more is better)"
set xtics rotate by -25 nomirror
set key top left horizontal
set border 3
plot 1 with lines lc rgb "#000000" notitle, \
	"chart.txt" using 2:xtic(1) title "labswitch" lc rgb "#1b7837", \
	"" using 3 title "kernel bridge" lc rgb "#7f7f7f", \
	"" using 4 title "Open vSwitch, userspace" lc rgb "#d95f02", \
	"" using 5 title "bare forwarder" lc rgb "#8da0cb"

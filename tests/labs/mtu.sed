s/narrow, mtu: 1400/narrow/

s/cable: vde/cable: {vde, vlan: 2}/

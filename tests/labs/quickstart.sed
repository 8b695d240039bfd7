s/vm: vde .*/vm: {vde, vlan: 2}/

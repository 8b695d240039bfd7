s/(gert: .*)vlan: guests/\1vlan: staff/

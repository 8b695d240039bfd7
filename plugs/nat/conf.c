/* SPDX-License-Identifier: MIT */
#include "plugs/nat/conf.h"

struct mac nat_mac(const struct nat_conf *conf)
{
	const uint8_t *gateway = conf->gateway.addr;

	return (struct mac){
		{0x52, 0x55, gateway[0], gateway[1], gateway[2], gateway[3]}};
}

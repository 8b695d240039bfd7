/* SPDX-License-Identifier: MIT */
/* What is to be said of impairments when all of them are known. */
#include "topo/parse.h"

bool parse_impair(struct parser *p, const struct node *map,
		  const struct node *around, struct mark at,
		  struct topo_impair *im)
{
	const struct node *drop = yaml_get(map, "drop");
	const char *key;
	const char *why = topo_impair_wrong(im, &key);
	const struct node *node = yaml_get(map, key);

	if (!drop)
		drop = yaml_get(around, "drop");
	if (drop)
		im->drop_at = drop->at;
	if (!why)
		return true;
	if (!node)
		node = yaml_get(around, key);
	return parse_fail(p, node ? node->key_at : at, "'%s' %s", key, why);
}

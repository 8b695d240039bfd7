/* SPDX-License-Identifier: MIT */
/*
 * suggest: "did you mean ...?"
 *
 *	struct suggest s = suggest_for(typed);
 *	for each word that would have been right
 *		suggest_try(&s, word);
 *	err_set(err, "unknown key '%s'%s", typed, suggest_tail(&s));
 */
#ifndef LABSWITCH_TOPO_SUGGEST_H
#define LABSWITCH_TOPO_SUGGEST_H

struct suggest {
	const char *typed;
	unsigned distance; /* of the nearest */
	char tail[64];
	char words[160]; /* all that were tried, as many as fit */
};

/* typed is borrowed. */
struct suggest suggest_for(const char *typed);

/* Keeps a copy of word if it is nearer than all before it, and lists it. */
void suggest_try(struct suggest *s, const char *word);

/* "; did you mean 'mtu'?", or "". Valid as long as s. */
const char *suggest_tail(const struct suggest *s);

/* The words that were tried: "vlan, mtu". Valid as long as s. */
const char *suggest_words(const struct suggest *s);

#endif

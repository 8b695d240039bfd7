/* SPDX-License-Identifier: MIT */
/*
 * fuzz_vde: join requests, arriving byte by byte.
 *
 * However a request is cut, nothing that was refused early is taken later, a
 * request once complete keeps its port and its address whatever follows, and
 * what is taken is fit to be used and shown.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plugs/vde_proto.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct vde_request *req)
{
	assert(req->version == 1 || req->version == 3);
	assert(req->number <= 0xffffff);
	assert(!req->any || req->number == 0);
	assert(req->abstract == (req->path[0] == '\0'));
	assert(req->abstract || req->path[0] == '/');
	assert(req->abstract || strlen(req->path) < VDE_PATH_SIZE);
	assert(req->abstract || !strstr(req->path, "/../"));
	assert(strlen(req->text) <= VDE_TEXT_MAX);
	for (const char *c = req->text; *c; c++)
		assert(*c >= ' ' && *c <= '~');
}

static void check_same(const struct vde_request *a, const struct vde_request *b)
{
	assert(a->version == b->version && a->any == b->any);
	assert(a->number == b->number && a->abstract == b->abstract);
	assert(memcmp(a->path, b->path, sizeof(a->path)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum vde_parse before = VDE_MORE;
	struct vde_request first;

	for (size_t len = 0; len <= size && len <= 2 * VDE_REQUEST_MAX; len++) {
		/* A copy of just that size lets ASan see a read beyond it. */
		uint8_t *part = malloc(len ? len : 1);
		struct vde_request req;
		const char *why = NULL;
		enum vde_parse result;

		assert(part);
		memcpy(part, data, len);
		result = vde_request_parse(part, len, &req, &why);
		free(part);
		assert((result == VDE_BAD) == (why != NULL));
		assert(before != VDE_BAD || result == VDE_BAD);
		assert(before != VDE_OK || result != VDE_MORE);
		if (result == VDE_OK) {
			check(&req);
			if (before == VDE_OK)
				check_same(&first, &req);
			first = req;
		}
		before = result;
	}
	return 0;
}

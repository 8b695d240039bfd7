/* SPDX-License-Identifier: MIT */
#include "plugs/vde_proto.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC        0xfeedfaceu
#define ADDRESS_SIZE 110 /* family and path; it ends the fixed part */
#define V3_SIZE      122
#define V1_SIZE      124
#define UNPACKED_V3  124 /* V3_SIZE rounded up to the struct's alignment */
#define NUMBER_BIT   8

enum { TYPE_NEW_PORT, TYPE_PORT_0 };

static uint32_t u32_at(const uint8_t *data, size_t at)
{
	uint32_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

static enum vde_parse bad(const char **why, const char *text)
{
	*why = text;
	return VDE_BAD;
}

/*
 * Reads version, type and number. Version 1 has its type, 0 or 1, where later
 * versions have their own number.
 */
static enum vde_parse parse_head(const uint8_t *data, size_t len,
				 struct vde_request *req, const char **why)
{
	uint32_t word;

	if (len < 4)
		return VDE_MORE;
	if (u32_at(data, 0) != MAGIC)
		return bad(why, "not a VDE request");
	if (len < 8)
		return VDE_MORE;
	word = u32_at(data, 4);
	if (word != TYPE_NEW_PORT && word != TYPE_PORT_0 && word != 3)
		return bad(why, "unknown version of the protocol");
	req->version = word == 3 ? 3 : 1;
	if (req->version == 3) {
		if (len < 12)
			return VDE_MORE;
		word = u32_at(data, 8);
		req->number = word >> NUMBER_BIT;
		word &= (1u << NUMBER_BIT) - 1;
	}
	if (word != TYPE_NEW_PORT && word != TYPE_PORT_0)
		return bad(why, "unknown type of request");
	if (word == TYPE_PORT_0)
		req->number = 0;
	req->any = word == TYPE_NEW_PORT && req->number == 0;
	return VDE_OK;
}

static bool has_dotdot(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/..")); at += 3)
		if (at[3] == '/' || at[3] == '\0')
			return true;
	return false;
}

static bool has_control(const char *path)
{
	for (; *path; path++)
		if ((unsigned char)*path < ' ' || *path == 0x7f)
			return true;
	return false;
}

static enum vde_parse parse_address(const uint8_t *address,
				    struct vde_request *req, const char **why)
{
	static const char nothing[VDE_PATH_SIZE];
	uint16_t family;

	memcpy(&family, address, sizeof(family));
	if (family != AF_UNIX)
		return bad(why, "its data address is not AF_UNIX");
	memcpy(req->path, address + sizeof(family), VDE_PATH_SIZE);
	if (memcmp(req->path, nothing, VDE_PATH_SIZE) == 0)
		return bad(why, "it names no data socket");
	req->abstract = req->path[0] == '\0';
	if (req->abstract)
		return VDE_OK;
	if (!memchr(req->path, '\0', VDE_PATH_SIZE))
		return bad(why, "the path of its data socket has no end");
	if (req->path[0] != '/')
		return bad(why, "the path of its data socket is relative");
	if (has_dotdot(req->path))
		return bad(why, "the path of its data socket contains '..'");
	if (has_control(req->path))
		return bad(why, "control characters in its data socket's path");
	return VDE_OK;
}

static enum vde_parse parse_text(const uint8_t *text, size_t len,
				 struct vde_request *req, const char **why)
{
	if (len > VDE_TEXT_MAX)
		return bad(why, "its description is longer than 128 bytes");
	memcpy(req->text, text, len);
	vde_text_clean(req->text, len);
	return VDE_OK;
}

enum vde_parse vde_request_parse(const uint8_t *data, size_t len,
				 struct vde_request *req, const char **why)
{
	struct vde_request out = {.version = 0};
	enum vde_parse result = parse_head(data, len, &out, why);
	size_t fixed = out.version == 1 ? V1_SIZE : V3_SIZE;

	if (result != VDE_OK)
		return result;
	if (len < fixed)
		return VDE_MORE;
	result = parse_address(data + fixed - ADDRESS_SIZE, &out, why);
	if (result != VDE_OK)
		return result;
	if (out.version == 3 && len == UNPACKED_V3)
		len = fixed;
	result = parse_text(data + fixed, len - fixed, &out, why);
	if (result == VDE_OK)
		*req = out;
	return result;
}

void vde_text_clean(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
}

void vde_reply_make(uint8_t reply[VDE_REPLY_SIZE], const char *path)
{
	uint16_t family = AF_UNIX;

	memset(reply, 0, VDE_REPLY_SIZE);
	memcpy(reply, &family, sizeof(family));
	(void)snprintf((char *)reply + sizeof(family), VDE_PATH_SIZE, "%s",
		       path);
}

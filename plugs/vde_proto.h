/* SPDX-License-Identifier: MIT */
/*
 * vde_proto: the VDE join request and its reply, bytes only.
 *
 * A client connects to a stream socket, sends one request and waits for the
 * address of the switch's datagram socket. All integers are in host byte
 * order. Version 3, packed (the protocol of vde-2, libvdeplug 4, QEMU, UML):
 *
 *	 0  u32  magic 0xfeedface
 *	 4  u32  version 3
 *	 8  u32  low 8 bits: type (0 new port, 1 port 0); above: number, 0 any
 *	12  u16  AF_UNIX
 *	14  108  path of the client's datagram socket, NUL padded; abstract if
 *		 it begins with NUL
 *	122 ...  description, 0 to 128 bytes, not NUL-ended; of a request of
 *		 just 124 bytes the last two are padding (unpacked clients)
 *
 * Version 1: magic, u32 type (0 or 1), 6 bytes MAC, then family and path at
 * 14, description at 124. Others are refused. The reply is one struct
 * sockaddr_un, always 110 bytes. There is no error reply: refusal is close.
 *
 * Source: notes on the VDE protocol in docs/vde-protocol.md.
 */
#ifndef LABSWITCH_PLUGS_VDE_PROTO_H
#define LABSWITCH_PLUGS_VDE_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDE_REQUEST_MAX 256 /* bytes; what is beyond is refused */
#define VDE_REPLY_SIZE  110
#define VDE_PATH_SIZE   108
#define VDE_TEXT_MAX    128

struct vde_request {
	unsigned version; /* 1 or 3 */
	bool any;         /* no number asked for */
	uint32_t number;  /* else: the port's number */
	bool abstract;    /* path is 108 bytes, the first is NUL */
	/*
	 * Else: absolute, without "..", NUL-ended, without control characters.
	 */
	char path[VDE_PATH_SIZE + 1];
	char text[VDE_TEXT_MAX + 1]; /* description, made printable */
};

enum vde_parse {
	VDE_MORE, /* a prefix of a request: wait for more bytes */
	VDE_OK,
	VDE_BAD /* refuse; *why says why */
};

/*
 * Parses what has arrived so far, any number of bytes. The description is what
 * has come with the fixed part: clients send both in one piece. What is wrong
 * is said as soon as it is seen; *why is a constant text, set for VDE_BAD
 * only, and *req is filled for VDE_OK only.
 */
enum vde_parse vde_request_parse(const uint8_t *data, size_t len,
				 struct vde_request *req, const char **why);

/* Replaces what is not printable ASCII by '?', in place. */
void vde_text_clean(char *text, size_t len);

/* path has at most 107 characters. */
void vde_reply_make(uint8_t reply[VDE_REPLY_SIZE], const char *path);

#endif
